import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
var e=class extends Error{code;exit;hints;constructor({code:t,exit:n,message:o,hints:s=[],cause:i}){super(o,{cause:i}),this.name="AbdError",this.code=t,this.exit=n,this.hints=s}},a=r=>new e({...r,exit:2});var d=r=>new e({...r,exit:4});export{e as a,a as b,d as c};

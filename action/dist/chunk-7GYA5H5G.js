import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
var r=({asr:o,controlAsr:t})=>o-t,e=o=>[...o].sort((t,n)=>r(n)-r(t));export{r as a,e as b};

import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
var t=({start:e,end:a},n)=>({name:n,file:-1,start:e,packedBytes:a-e,bytes:a-e,deflated:!1,crc32:null,bigEndian:!1,foundAt:null}),l=e=>({files:[],storages:[],tensors:[],scan:e,metadata:{},payloadBytes:0});export{t as a,l as b};

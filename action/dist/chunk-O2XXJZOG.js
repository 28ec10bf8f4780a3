import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as l}from"./chunk-NNGJY42Y.js";function u(n,e,c){let t=Buffer.from(n.buffer,n.byteOffset,n.length);if(t.length<12||t.toString("latin1",0,6)!=="NUMPY")return;let o=t[6]>=2,i=o?12:10,r=i+(o?t.readUInt32LE(8):t.readUInt16LE(8));if(r>t.length)return;let f=t.toString("latin1",i,r);/'descr'\s*:\s*(?:'[|<>=]?O|\[[^\]]*'[|<>=]?O)/.test(f)&&l(n.subarray(r),e===null?null:e+r,c)}export{u as a};

import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{b as o}from"./chunk-RSDRCXSA.js";function c(i){let t=[],r=new Set,s=new Map;return{all:t,add(n){let a=`${n.rule} ${n.message}`,e=s.get(n.severity)??0;r.has(a)||e>i||(s.set(n.severity,e+1),r.add(a),t.push(e<i?n:o("tooManyFindings",`more than ${i} findings are ${n.severity}`,null)))}}}export{c as a};

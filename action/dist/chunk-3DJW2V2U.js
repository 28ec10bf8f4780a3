import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as r}from"./chunk-O2ZOGCTQ.js";import{a as d}from"./chunk-NNGJY42Y.js";import{a as c}from"./chunk-ZIJ6TP33.js";import"./chunk-EQFI4VRI.js";import"./chunk-J7ASNQBP.js";import"./chunk-R7J5CE43.js";import{b as i}from"./chunk-RR6XUVSF.js";import"./chunk-3W3JLRN6.js";import{c as o}from"./chunk-G3RSIVA7.js";import"./chunk-6KEZV3WT.js";async function k(e,{limits:s,signal:p}){let a=c(s,p),m=await e.read(0,Math.min(e.bytes,s.pickleBytes)),{failure:n}=d(m,0,a),t=i([...a.findings.all]);if(r(t.scan))return{plan:t};if(n!==void 0)throw o({code:"E_PICKLE",message:`${e.path} begins like a pickle but is a broken one: ${n}.`,hints:["Copy or download it again, and compare its checksum with the source."]});let h=o({code:"E_FORMAT_UNSUPPORTED",message:`${e.path} is a bare pickle, which abd only scans (nothing dangerous was found).`,hints:["Where you trust it, load it and save the weights alone: torch.save(model.state_dict(), path), or as safetensors."]});return{plan:t,refusal:h}}export{k as parsePickle};

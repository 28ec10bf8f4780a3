import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as h}from"./chunk-EXNFM4MX.js";import{a as d,b as m}from"./chunk-UEHJRIGX.js";import"./chunk-EQFI4VRI.js";import"./chunk-GEEFHLUO.js";import"./chunk-ZGXC5KPU.js";import{a as c}from"./chunk-SQXBM3UT.js";import"./chunk-L5CFKD5F.js";import"./chunk-TNDSFVS5.js";import{a as i}from"./chunk-O2ZOGCTQ.js";import{b as p}from"./chunk-IMFRUQI5.js";import{c as a}from"./chunk-G3RSIVA7.js";import"./chunk-BRE5JFIY.js";import"./chunk-RSDRCXSA.js";import"./chunk-6KEZV3WT.js";async function w(e,{limits:t,signal:l}){let r=c(t,l),n=await e.read(0,Math.min(e.bytes,t.pickleBytes)),{failure:s}=h(n,0,r),o=p([...r.findings.all]);if(i(o.scan))return{plan:o};if(n.length<e.bytes)throw m(e,t);if(s!==void 0)throw d(`${e.path} begins like a pickle but`,s);let f=a({code:"E_FORMAT_UNSUPPORTED",message:`${e.path} is a bare pickle, which abd only scans (nothing dangerous was found).`,hints:["Where you trust it, load it and save the weights alone: torch.save(model.state_dict(), path), or as safetensors."]});return{plan:o,refusal:f}}export{w as parsePickle};

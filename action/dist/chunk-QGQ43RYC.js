import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as m,b as c}from"./chunk-CEDZKKH7.js";import"./chunk-EXNFM4MX.js";import{a as d,b as h}from"./chunk-UEHJRIGX.js";import"./chunk-EQFI4VRI.js";import"./chunk-GEEFHLUO.js";import"./chunk-ZGXC5KPU.js";import{a as i}from"./chunk-SQXBM3UT.js";import"./chunk-L5CFKD5F.js";import"./chunk-TNDSFVS5.js";import{a as n}from"./chunk-O2ZOGCTQ.js";import{b as p}from"./chunk-IMFRUQI5.js";import{c as a}from"./chunk-G3RSIVA7.js";import"./chunk-BRE5JFIY.js";import"./chunk-RSDRCXSA.js";import"./chunk-6KEZV3WT.js";async function w(e,{limits:o,signal:f}){let t=i(o,f);if(c(e.head,{isWhole:e.bytes===e.head.length})){let r=await e.read(0,Math.min(e.bytes,o.pickleBytes)),s=m(r,0,t);if(!n(t.findings.all)){if(r.length<e.bytes)throw h(e,o);if(s!==void 0)throw d(`${e.path}: the pickle of its objects`,s)}}let y=a({code:"E_FORMAT_UNSUPPORTED",message:`${e.path} is a NumPy array, which this version of abd does not read.`,hints:["Save the arrays of the model together, as safetensors."]});return{plan:p([...t.findings.all]),refusal:y}}export{w as parseNpy};

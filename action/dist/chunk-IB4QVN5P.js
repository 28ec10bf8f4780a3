import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as n}from"./chunk-W3VVGZRC.js";import"./chunk-FYE6JNX7.js";import"./chunk-EQFI4VRI.js";import"./chunk-JZM2RMUD.js";import"./chunk-FW5GIFYK.js";import{a}from"./chunk-AF3XHP23.js";import"./chunk-L5CFKD5F.js";import"./chunk-TNDSFVS5.js";import{b as s}from"./chunk-IMFRUQI5.js";import{c as o}from"./chunk-G3RSIVA7.js";import"./chunk-BRE5JFIY.js";import"./chunk-RSDRCXSA.js";import"./chunk-6KEZV3WT.js";async function f(e,{limits:r,signal:i}){let t=a(r,i);n(await e.read(0,Math.min(e.bytes,r.pickleBytes)),0,t);let p=o({code:"E_FORMAT_UNSUPPORTED",message:`${e.path} is a NumPy array, which this version of abd does not read.`,hints:["Save the arrays of the model together, as safetensors."]});return{plan:s([...t.findings.all]),refusal:p}}export{f as parseNpy};

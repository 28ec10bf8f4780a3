import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as n}from"./chunk-O2XXJZOG.js";import"./chunk-NNGJY42Y.js";import{a as s}from"./chunk-ZIJ6TP33.js";import"./chunk-EQFI4VRI.js";import"./chunk-J7ASNQBP.js";import"./chunk-R7J5CE43.js";import{b as a}from"./chunk-RR6XUVSF.js";import"./chunk-3W3JLRN6.js";import{c as o}from"./chunk-G3RSIVA7.js";import"./chunk-6KEZV3WT.js";async function f(e,{limits:r,signal:i}){let t=s(r,i);n(await e.read(0,Math.min(e.bytes,r.pickleBytes)),0,t);let p=o({code:"E_FORMAT_UNSUPPORTED",message:`${e.path} is a NumPy array, which this version of abd does not read.`,hints:["Save the arrays of the model together, as safetensors."]});return{plan:a([...t.findings.all]),refusal:p}}export{f as parseNpy};

import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as i}from"./chunk-PX2WAYDK.js";import{y as l}from"./chunk-6YGWS4HD.js";import"./chunk-LHHEKBKV.js";import"./chunk-O4OJKWFK.js";import"./chunk-6FGGPJZ7.js";import"./chunk-7GYA5H5G.js";import"./chunk-6O2RQXHD.js";import"./chunk-MLSCMTFF.js";import"./chunk-OTLRVWXM.js";import"./chunk-G3RSIVA7.js";import"./chunk-6KEZV3WT.js";var f=64e3;function m(a,c=f){let e=({verdict:t})=>i.indexOf(t),o=[...a].sort((t,r)=>e(t)-e(r));for(let t=o.length;;t=Math.floor(t*.8)){let r=o.length-t,n=l(o.slice(0,t)),s=r===0?n:`## Backdoor audit of ${o.length} models

_The ${t} worst are shown; ${r} more are in report.html._

${n}`;if(s.length<=c||t===0)return s}}export{m as fitMarkdown};

import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{b as n}from"./chunk-7GYA5H5G.js";import"./chunk-6KEZV3WT.js";function s(i){let r=i.slice(0,20).map(({demonstrations:t})=>n(t)[0]??{asr:0,controlAsr:0});if(r.every(({asr:t})=>t===0))return"";let o=t=>t.map(e=>(100*e).toFixed(1)).join(", ");return["```mermaid","xychart-beta",'  title "Images that the trigger furthest beyond its controls moves (bar), and those (line), in %"',`  x-axis [${r.map((t,e)=>`"model ${e+1}"`).join(", ")}]`,'  y-axis "%" 0 --> 100',`  bar [${o(r.map(({asr:t})=>t))}]`,`  line [${o(r.map(({controlAsr:t})=>t))}]`,"```",""].join(`
`)}export{s as pictureOf};

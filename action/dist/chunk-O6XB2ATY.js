import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{b as n}from"./chunk-7GYA5H5G.js";import"./chunk-6KEZV3WT.js";function s(a){let t=a.slice(0,20).map(({demonstrations:r})=>n(r)[0]??{asr:0,controlAsr:0});if(t.every(({asr:r})=>r===0))return"";let o=r=>r.map(e=>(100*e).toFixed(1)).join(", ");return["```mermaid","xychart-beta",'  title "Images that the trigger furthest beyond its random controls moves (bar), and those (line), in %"',`  x-axis [${t.map((r,e)=>`"model ${e+1}"`).join(", ")}]`,'  y-axis "%" 0 --> 100',`  bar [${o(t.map(({asr:r})=>r))}]`,`  line [${o(t.map(({controlAsr:r})=>r))}]`,"```",""].join(`
`)}export{s as pictureOf};

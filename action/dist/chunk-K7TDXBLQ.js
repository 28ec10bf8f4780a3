import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import"./chunk-6KEZV3WT.js";function i(a){let e=a.slice(0,20).map(({demonstrations:r})=>r.reduce((t,o)=>o.asr-o.controlAsr>t.asr-t.controlAsr?o:t,{asr:0,controlAsr:0}));if(e.every(({asr:r})=>r===0))return"";let n=r=>r.map(t=>(100*t).toFixed(1)).join(", ");return["```mermaid","xychart-beta",'  title "Images that the trigger furthest beyond its random controls moves (bar), and those (line), in %"',`  x-axis [${e.map((r,t)=>`"model ${t+1}"`).join(", ")}]`,'  y-axis "%" 0 --> 100',`  bar [${n(e.map(({asr:r})=>r))}]`,`  line [${n(e.map(({controlAsr:r})=>r))}]`,"```",""].join(`
`)}export{i as pictureOf};

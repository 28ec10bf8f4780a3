import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
var n=["block","error","review","pass","skipped"],c=o=>n.find(e=>o.some(r=>r.verdict===e))??"skipped";function d(o,e){let r=i=>o.some(s=>s.verdict===i),t=e["fail-on"];return r("block")&&t!=="never"||r("review")&&t==="review"||r("error")&&e["on-error"]==="fail"||o.length===0&&e["no-models"]==="fail"}export{n as a,c as b,d as c};

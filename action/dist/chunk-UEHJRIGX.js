import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{c as s}from"./chunk-G3RSIVA7.js";var r=(e,t)=>s({code:"E_PICKLE",message:`${e} is broken: ${t}.`,hints:["Copy or download it again, and compare its checksum with the source."]}),a=({path:e,bytes:t},{pickleBytes:o})=>s({code:"E_LIMIT",message:`${e} is a pickle of ${t} bytes, of which abd scans ${o}; in these is nothing dangerous.`,hints:["Where you trust it, load it and save the weights alone: torch.save(model.state_dict(), path), or as safetensors."]});export{r as a,a as b};

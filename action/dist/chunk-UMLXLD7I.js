import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as o}from"./chunk-WN7AV6KT.js";async function u(t,e){let{failed:n,stdout:s,stderr:c,signalDescription:p}=await o(process.execPath,["-e",a,t],{reject:!1,env:{TF_CPP_MIN_LOG_LEVEL:"2"},...e?{cancelSignal:e}:{}});e?.throwIfAborted();let[i,r]=s.split(" ");return!n&&i&&(r==="cpu"||r==="gpu")?{version:i,device:r}:{problem:p??/Error: (.*)/.exec(c)?.[1]??"it does not answer"}}var a=`
  const {TF_Version, isUsingGpuDevice} = require(process.argv[1])
  process.stdout.write(TF_Version + ' ' + (isUsingGpuDevice() ? 'gpu' : 'cpu'))`;export{u as a};

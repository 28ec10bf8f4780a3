import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{c as a,d as b,e as c,f as d,g as e,h as f,i as g}from"./chunk-E7ZKFUAM.js";import"./chunk-YHY5ODIV.js";import"./chunk-6KEZV3WT.js";export{d as bindingWithin,a as cacheFolder,b as enginesFolder,g as findInstallations,f as hasNvidiaDriver,c as installationFolder,e as standardErrorBeside};

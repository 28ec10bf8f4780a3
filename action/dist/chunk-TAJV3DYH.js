import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{e as a}from"./chunk-GEEFHLUO.js";import"./chunk-ZGXC5KPU.js";import"./chunk-SQXBM3UT.js";import"./chunk-L5CFKD5F.js";import"./chunk-TNDSFVS5.js";import"./chunk-BRE5JFIY.js";import"./chunk-RSDRCXSA.js";import"./chunk-6KEZV3WT.js";export{a as interpret};

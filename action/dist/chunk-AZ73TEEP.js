import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{d as a}from"./chunk-RMX527TK.js";import"./chunk-RLR6RKV3.js";import"./chunk-EQFI4VRI.js";import"./chunk-Y3ZUOUWO.js";import"./chunk-OTLRVWXM.js";import"./chunk-ZGXC5KPU.js";import"./chunk-TNDSFVS5.js";import"./chunk-6EVPQMLL.js";import"./chunk-IMFRUQI5.js";import"./chunk-G3RSIVA7.js";import"./chunk-BRE5JFIY.js";import"./chunk-RSDRCXSA.js";import"./chunk-6KEZV3WT.js";export{a as readers};

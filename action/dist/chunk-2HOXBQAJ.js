import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{p as a}from"./chunk-VPYONTF4.js";import"./chunk-MP3BNIMB.js";import"./chunk-CC4KBZYP.js";import"./chunk-TCF4THDG.js";import"./chunk-OTLRVWXM.js";import"./chunk-6O2RQXHD.js";import"./chunk-G3RSIVA7.js";import"./chunk-6KEZV3WT.js";export{a as readers};

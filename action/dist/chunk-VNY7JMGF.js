import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a,b,c,d,e,f,g,h,i,j}from"./chunk-SQXBM3UT.js";import"./chunk-L5CFKD5F.js";import"./chunk-TNDSFVS5.js";import"./chunk-RSDRCXSA.js";import"./chunk-6KEZV3WT.js";export{b as createMachine,c as fail,a as pickleContext,f as pop,h as popMark,e as push,j as recall,i as remember,d as report,g as top};

import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a}from"./chunk-UH5GNOQK.js";import"./chunk-BRE5JFIY.js";import"./chunk-RSDRCXSA.js";import"./chunk-6KEZV3WT.js";export{a as inspectConfig};

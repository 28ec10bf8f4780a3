import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a,b}from"./chunk-76DRKQBY.js";import"./chunk-6O2RQXHD.js";import"./chunk-G3RSIVA7.js";import"./chunk-6KEZV3WT.js";export{b as destinationOf,a as trackingSettings};

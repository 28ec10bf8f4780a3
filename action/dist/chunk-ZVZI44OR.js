import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as o}from"./chunk-PHUVPDHJ.js";import{a as e}from"./chunk-IFA3VS4E.js";import"./chunk-BNWQCFM3.js";import{d as t}from"./chunk-6KEZV3WT.js";var r=t(o(),1);var a=()=>({version:r.version_wasm,device:"cpu",precision:"float32",threads:1,capture:e});export{a as registerWasm};

import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{mkdir as e,stat as n}from"node:fs/promises";import{dirname as o}from"node:path";async function c(r){try{await t(r)}catch(i){if(i.code!=="ENOENT"||o(r)===r)throw i;await a(o(r))||await c(o(r)),await t(r)}}async function t(r){try{await e(r)}catch(i){if(i.code!=="EEXIST"||!await a(r))throw i}}var a=async r=>(await n(r).catch(()=>{}))?.isDirectory()??!1;export{c as a};

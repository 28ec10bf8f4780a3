import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{mkdir as n,stat as a}from"node:fs/promises";import{dirname as i}from"node:path";async function e(r){try{await n(r)}catch(o){let{code:t}=o;if(t==="EEXIST"&&(await a(r)).isDirectory())return;if(t!=="ENOENT"||i(r)===r||await c(i(r)))throw o;await e(i(r)),await e(r)}}var c=async r=>(await a(r).catch(()=>{}))?.isDirectory()??!1;export{e as a};

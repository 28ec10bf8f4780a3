import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as u}from"./chunk-EXNFM4MX.js";import{a as s}from"./chunk-EQFI4VRI.js";import{c as o,d as f}from"./chunk-ZGXC5KPU.js";function y(t,r,e){let n=c(t);if(!n||!l(t))return;let a=r===null?null:r+n.start,{failure:i}=u(n.rest,a,e);return f(n.rest)?i:void 0}function l(t,{isWhole:r=!0}={}){let e=c(t);if(!e)return!1;if(e.start>t.length)return!r;if(!d(e.header))return!1;let{reached:n,imports:a,calls:i}=o(e.rest);return s(e.rest)||a&&i||n==="cut"&&!r}function c(t){let r=Buffer.from(t.buffer,t.byteOffset,t.length);if(r.length<12||r.toString("latin1",0,6)!=="NUMPY")return;let e=r[6]>=2,n=e?12:10,a=n+(e?r.readUInt32LE(8):r.readUInt16LE(8));return{header:r.toString("latin1",n,a),start:a,rest:t.subarray(a)}}var d=t=>/O|object|\\/.test(t);export{y as a,l as b};

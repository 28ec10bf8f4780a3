import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a as f}from"./chunk-FYE6JNX7.js";import{a as c}from"./chunk-EQFI4VRI.js";import{c as s}from"./chunk-FW5GIFYK.js";function p(n,i,a){let t=Buffer.from(n.buffer,n.byteOffset,n.length);if(t.length<12||t.toString("latin1",0,6)!=="NUMPY")return;let o=t[6]>=2,l=o?12:10,r=l+(o?t.readUInt32LE(8):t.readUInt16LE(8));if(r>t.length)return;let e=n.subarray(r);!u(t.toString("latin1",l,r))&&(c(e)||s(e))&&f(e,i===null?null:i+r,a)}var u=n=>/^\{'descr': '[<>|=][biufcSUmM]\d+(\[\w+\])?', 'fortran_order': (True|False), 'shape': \([\d, ]*\), \}\s*$/.test(n);export{p as a};

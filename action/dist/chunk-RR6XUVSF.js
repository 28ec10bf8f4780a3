import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{b as a}from"./chunk-3W3JLRN6.js";var p=({start:s,end:e},n)=>({name:n,file:-1,start:s,packedBytes:e-s,bytes:e-s,deflated:!1,crc32:null,bigEndian:!1,foundAt:null}),i=s=>({files:[],storages:[],tensors:[],scan:s,metadata:{},payloadBytes:0});var r=[["Python that runs code",/(?<![.\w])(?:eval|exec|__import__)\s*\(|\bos\s*\.\s*(?:system|popen|exec[lv]p?e?|spawn\w*)\b|\bsubprocess\s*\.|\bpty\s*\.\s*spawn|\b(?:pickle|marshal|dill|cloudpickle)\s*\.\s*loads?\b|\bimport\s+(?:os|subprocess|socket|ctypes|pty)\b|\bfrom\s+(?:os|subprocess|socket)\s+import\b|__builtins__|__globals__|__subclasses__/],["a script",/^#!\s*\/|<script\b|\bjavascript:|\bpowershell(?:\.exe)?\s+-|\b(?:curl|wget)\s+\S+\s*\|\s*(?:ba)?sh\b|\/bin\/(?:ba)?sh\b|\brm\s+-rf\s+\//i],["a program in base64",/f0VMR[gQ]|TVqQAAMAAAAEAAAA|gA[JSQV][jYX][\w+/]{16}/]];function d(s,e){return Object.entries(s).flatMap(([n,t])=>l(t).map(o=>a("payloadInText",`'${n}' holds ${o}`,e)))}var l=s=>r.filter(([,e])=>e.test(s)).map(([e])=>e);export{p as a,i as b,d as c,l as d};

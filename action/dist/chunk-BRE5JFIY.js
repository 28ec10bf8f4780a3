import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{b as t}from"./chunk-RSDRCXSA.js";var a=[["Python that runs code",/(?<![.\w])(?:eval|exec|__import__)\s*\(|\bos\s*\.\s*(?:system|popen|exec[lv]p?e?|spawn\w*)\b|\bsubprocess\s*\.|\bpty\s*\.\s*spawn|\b(?:pickle|marshal|dill|cloudpickle)\s*\.\s*loads?\b|\bimport\s+(?:os|subprocess|socket|ctypes|pty)\b|\bfrom\s+(?:os|subprocess|socket)\s+import\b|__builtins__|__globals__|__subclasses__/],["a script",/^#!\s*\/|<script\b|\bjavascript:|\bpowershell(?:\.exe)?\s+-|\b(?:curl|wget)\s+\S+\s*\|\s*(?:ba)?sh\b|\/bin\/(?:ba)?sh\b|\brm\s+-rf\s+\//i],["a program in base64",/f0VMR[gQ]|TVqQAAMAAAAEAAAA|gA[JSQV][jYX][\w+/]{16}/]];function b(e,s){return Object.entries(e).flatMap(([n,o])=>p(o).map(r=>t("payloadInText",`'${n}' holds ${r}`,s)))}var p=e=>a.filter(([,s])=>s.test(e)).map(([s])=>s);export{b as a,p as b};

import {createRequire as abdCreateRequire} from 'node:module'
import {dirname as abdDirname} from 'node:path'
import {fileURLToPath as abdFileURLToPath} from 'node:url'
const require = abdCreateRequire(import.meta.url)
const __filename = abdFileURLToPath(import.meta.url)
const __dirname = abdDirname(__filename)
import{a,c as l}from"./chunk-76X7BUON.js";import"./chunk-WN7AV6KT.js";import{a as e}from"./chunk-HYNXQMRA.js";import{b as i}from"./chunk-E7ZKFUAM.js";import"./chunk-YHY5ODIV.js";import{c as o}from"./chunk-G3RSIVA7.js";import"./chunk-6KEZV3WT.js";async function d(r){let n=i(r);if(!n)throw o({code:"E_ENGINE_PLATFORM",message:`There is no TensorFlow engine (${r}) for ${process.platform} ${process.arch}.`,hints:["It runs on Linux with glibc: x64 (cpu and cuda) and arm64 (cpu).",e]});let[s,t]=await Promise.all([l(),a()]);if(!s)throw o({code:"E_ENGINE_PIP",message:"pip, which fetches TensorFlow, was not found: neither python3 nor python has it.",hints:["Install it, for example: sudo apt install python3-pip",e]});if(!t)throw o({code:"E_ENGINE_COMPILER",message:"No C++ compiler was found; tried $CXX, g++, c++ and clang++.",hints:["Install one, for example: sudo apt install g++",e]});return{release:n,python:s,compiler:t}}export{d as requireTools};

// Generated from config/settings.schema.json by `npm run generate`. Do not edit.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export const validateSettings = validate20;
const schema31 = {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://callboard.dev/schemas/v1/settings.schema.json","title":"Settings","description":"How one Callboard process runs. Settings are not resources: they are given by file, environment and flags.","type":"object","additionalProperties":false,"properties":{"source":{"description":"Where declarations come from.","type":"object","additionalProperties":false,"properties":{"url":{"type":"string","description":"Path of a directory. The argument of `callboard run` wins over it."},"interval":{"type":"number","minimum":1,"maximum":86400,"description":"Seconds between two looks at the whole source that no watcher asked for."}}},"ports":{"description":"TCP ports; 0 picks a free one.","type":"object","additionalProperties":false,"properties":{"resolver":{"type":"integer","minimum":0,"maximum":65535,"description":"Port on which mocks answer."},"control":{"type":"integer","minimum":0,"maximum":65535,"description":"Port of the status API and operations."}}},"bind":{"description":"Addresses to listen on.","type":"object","additionalProperties":false,"properties":{"resolver":{"type":"string","description":"Address of the resolver."},"control":{"type":"string","description":"Address of the control port. Any other than loopback requires tokens.read."},"hosts":{"type":"array","items":{"type":"string"},"description":"Host names under which the control port may be reached, besides loopback names and its address."}}},"tls":{"description":"Serves the resolver over TLS when both files are given.","type":"object","additionalProperties":false,"properties":{"cert":{"type":"string","description":"File with the certificate chain (PEM)."},"key":{"type":"string","description":"File with the private key (PEM)."}}},"stateDir":{"type":"string","minLength":1,"description":"Directory for journal, applied revision and caches. One process at a time."},"tokens":{"description":"Bearer tokens of the control port, by purpose.","type":"object","additionalProperties":false,"properties":{"read":{"type":"string","description":"Required for reading when set.","writeOnly":true},"events":{"type":"string","description":"Switches events from outside on, and is required for posting them. The one in tokens.operate will do as well.","writeOnly":true},"operate":{"type":"string","description":"Switches operations on, and is required for them.","writeOnly":true}}},"defaultNamespace":{"type":"string","pattern":"^[a-z0-9-]+$","description":"Namespace of mocks that name none; its mocks also answer on bare paths."},"strict":{"type":"boolean","description":"Warnings hold a revision as errors do."},"catalogues":{"description":"Built-in event types that are there, by the name of their catalogue. A declared EventType of the same id wins.","type":"array","uniqueItems":true,"items":{"enum":["mockarty","ai-admin-panel","aegisrunner","callboard","admin"]}},"customers":{"description":"What customers are told.","type":"object","additionalProperties":false,"properties":{"enabled":{"type":"boolean","description":"Users with the role customer hear of the services named for them; otherwise of nothing."}}},"smtp":{"description":"The mail server of channels of type email that name none.","type":"object","additionalProperties":false,"properties":{"host":{"type":"string","minLength":1,"description":"Name or address of the mail server."},"port":{"type":"integer","minimum":1,"maximum":65535,"description":"587, or 465 with TLS from the first byte."},"tls":{"enum":["starttls","implicit","none"],"description":"TLS after STARTTLS, from the first byte, or none; by the port when not said."},"ca":{"type":"string","description":"File with the certificates (PEM) of the authority that signed the server's."},"username":{"type":"string","description":"Name to log in with."},"password":{"type":"string","description":"Password to log in with.","writeOnly":true},"from":{"type":"string","description":"Sender of messages whose channel names none."}}},"telegram":{"description":"How it is heard what people do to the bots of channels.","type":"object","additionalProperties":false,"properties":{"webhookUrl":{"type":"string","pattern":"^https://[^/?#\\s]+(/[^?#\\s]*)?$","description":"Where Telegram reaches the control port: it then posts to /api/v1/hooks/telegram/… below it; add the host to bind.hosts. Default: Telegram is asked, over and over."}}},"network":{"description":"What may be dialled.","type":"object","additionalProperties":false,"properties":{"allow":{"type":"array","items":{"type":"string"},"description":"Ranges (10.0.0.0/8) or hosts, each with an optional port, that may be dialled although they are private."},"allowPrivate":{"type":"boolean","description":"Lets everything but the control port be dialled. Also ALLOW_PROXY_TO_PRIVATE_IPS."},"proxy":{"type":"object","additionalProperties":false,"description":"HTTP proxy over which callbacks, channels and mocks that proxy reach everything but this machine, by CONNECT. Not for Kafka, RabbitMQ and mail.","dependentRequired":{"username":["url"],"password":["username"],"noProxy":["url"]},"properties":{"url":{"type":"string","pattern":"^https?://[^/?#@\\s]+/?$","description":"Such as http://proxy.example.com:3128; without a path, and without a login. It is trusted: what is behind it is judged by name and literal address."},"username":{"type":"string","minLength":1,"description":"Who logs in at the proxy (Basic)."},"password":{"type":"object","additionalProperties":false,"minProperties":1,"maxProperties":1,"description":"Where the password is: {env: NAME} or {file: path}. Read at the start.","properties":{"env":{"type":"string","minLength":1,"description":"An environment variable."},"file":{"type":"string","minLength":1,"description":"A file; a line break at its end does not count."}}},"noProxy":{"type":"array","items":{"type":"string"},"description":"What is dialled without it: ranges, addresses or hosts (*.internal), each with an optional port. This machine always is."}}}}},"expressions":{"description":"What expressions may see.","type":"object","additionalProperties":false,"properties":{"env":{"type":"array","items":{"type":"string"},"description":"Environment variables that $.env may show."},"seed":{"type":"string","description":"Makes $.fake and random choices repeatable for mocks without a seed of their own."}}},"reconcile":{"description":"How revisions are applied.","type":"object","additionalProperties":false,"properties":{"maxPrune":{"type":"number","minimum":0,"maximum":1,"description":"Share of the applied resources that one revision may prune, in all and per namespace, when ten or more are applied."}}},"requests":{"description":"The journal of requests, in memory.","type":"object","additionalProperties":false,"properties":{"bytes":{"type":"integer","minimum":0,"description":"Bound of the journal; the oldest requests go first."},"bodyBytes":{"type":"integer","minimum":0,"description":"Bytes kept of each body."},"maskHeaders":{"type":"array","items":{"type":"string"},"description":"Headers whose values are masked besides Authorization and Cookie."},"correlationHeaders":{"type":"boolean","description":"Answers carry Callboard-Mock and Callboard-Request-Id."}}},"stores":{"description":"Bounds of the stores that mocks keep state in.","type":"object","additionalProperties":false,"properties":{"entries":{"type":"integer","minimum":1,"description":"Entries of one global or chain store; the oldest go first."},"bytes":{"type":"integer","minimum":1,"description":"Bytes of one global or chain store; the oldest entries go first."},"chainIdle":{"type":"number","minimum":1,"description":"Seconds after which a chain that nobody uses is forgotten."}}},"delivery":{"description":"Sending what answers set off.","type":"object","additionalProperties":false,"properties":{"poolSize":{"type":"integer","minimum":1,"maximum":10000,"description":"Callbacks sent at a time. Also WEBHOOK_POOL_SIZE."},"waiting":{"type":"integer","minimum":1,"description":"Deliveries that may wait; a fifth of them for one target. Beyond it, mocks that set off more answer 503."},"maxAge":{"type":"number","exclusiveMinimum":0,"description":"Seconds after which a delivery is given up, however many attempts it has left."},"shutdownGrace":{"type":"number","minimum":0,"maximum":3600,"description":"Seconds that attempts under way have to end when the program is stopped."}}},"retention":{"description":"What is kept of deliveries that are finished.","type":"object","additionalProperties":false,"properties":{"deliveries":{"type":"integer","minimum":0,"description":"How many delivered, cancelled and suppressed ones can be looked up."},"deliveryAge":{"type":"number","minimum":0,"description":"Seconds after which they are dropped."},"deadLetters":{"type":"integer","minimum":0,"description":"How many dead letters are kept; beyond it, the oldest are dropped."}}},"limits":{"description":"Bounds on what comes from outside.","type":"object","additionalProperties":false,"properties":{"fileBytes":{"type":"integer","minimum":1024,"description":"Size of one document file."},"referenceBytes":{"type":"integer","minimum":1024,"description":"Size of one file that a document names."},"files":{"type":"integer","minimum":1,"description":"Document files in the source."},"documentsPerFile":{"type":"integer","minimum":1,"description":"Documents in one file."},"bodyBytes":{"type":"integer","minimum":0,"description":"Size of one request body."},"eventBytes":{"type":"integer","minimum":1024,"maximum":33554432,"description":"Size of one event that is posted, or of one list of them."},"headerBytes":{"type":"integer","minimum":1024,"description":"Size of all headers of one request."},"headers":{"type":"integer","minimum":1,"description":"Headers of one request."}}},"log":{"description":"What is logged, on standard error.","type":"object","additionalProperties":false,"properties":{"level":{"enum":["fatal","error","warn","info","debug","trace","silent"],"description":"Least level that is logged; requests are logged at debug."}}}}};
const func1 = Object.prototype.hasOwnProperty;
const func2 = require("ajv/dist/runtime/ucs2length").default;
const func0 = require("ajv/dist/runtime/equal").default;
const pattern4 = new RegExp("^[a-z0-9-]+$", "u");
const pattern5 = new RegExp("^https://[^/?#\\s]+(/[^?#\\s]*)?$", "u");
const pattern6 = new RegExp("^https?://[^/?#@\\s]+/?$", "u");

function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
/*# sourceURL="https://callboard.dev/schemas/v1/settings.schema.json" */;
let vErrors = null;
let errors = 0;
const evaluated0 = validate20.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(func1.call(schema31.properties, key0))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.source !== undefined){
let data0 = data.source;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
for(const key1 in data0){
if(!((key1 === "url") || (key1 === "interval"))){
const err1 = {instancePath:instancePath+"/source",schemaPath:"#/properties/source/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data0.url !== undefined){
if(typeof data0.url !== "string"){
const err2 = {instancePath:instancePath+"/source/url",schemaPath:"#/properties/source/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data0.interval !== undefined){
let data2 = data0.interval;
if(typeof data2 == "number"){
if(data2 > 86400 || isNaN(data2)){
const err3 = {instancePath:instancePath+"/source/interval",schemaPath:"#/properties/source/properties/interval/maximum",keyword:"maximum",params:{comparison: "<=", limit: 86400},message:"must be <= 86400"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(data2 < 1 || isNaN(data2)){
const err4 = {instancePath:instancePath+"/source/interval",schemaPath:"#/properties/source/properties/interval/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/source/interval",schemaPath:"#/properties/source/properties/interval/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
}
else {
const err6 = {instancePath:instancePath+"/source",schemaPath:"#/properties/source/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.ports !== undefined){
let data3 = data.ports;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
for(const key2 in data3){
if(!((key2 === "resolver") || (key2 === "control"))){
const err7 = {instancePath:instancePath+"/ports",schemaPath:"#/properties/ports/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data3.resolver !== undefined){
let data4 = data3.resolver;
if(!((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4)))){
const err8 = {instancePath:instancePath+"/ports/resolver",schemaPath:"#/properties/ports/properties/resolver/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(typeof data4 == "number"){
if(data4 > 65535 || isNaN(data4)){
const err9 = {instancePath:instancePath+"/ports/resolver",schemaPath:"#/properties/ports/properties/resolver/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(data4 < 0 || isNaN(data4)){
const err10 = {instancePath:instancePath+"/ports/resolver",schemaPath:"#/properties/ports/properties/resolver/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
}
if(data3.control !== undefined){
let data5 = data3.control;
if(!((typeof data5 == "number") && (!(data5 % 1) && !isNaN(data5)))){
const err11 = {instancePath:instancePath+"/ports/control",schemaPath:"#/properties/ports/properties/control/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
if(typeof data5 == "number"){
if(data5 > 65535 || isNaN(data5)){
const err12 = {instancePath:instancePath+"/ports/control",schemaPath:"#/properties/ports/properties/control/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
if(data5 < 0 || isNaN(data5)){
const err13 = {instancePath:instancePath+"/ports/control",schemaPath:"#/properties/ports/properties/control/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
}
}
else {
const err14 = {instancePath:instancePath+"/ports",schemaPath:"#/properties/ports/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data.bind !== undefined){
let data6 = data.bind;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
for(const key3 in data6){
if(!(((key3 === "resolver") || (key3 === "control")) || (key3 === "hosts"))){
const err15 = {instancePath:instancePath+"/bind",schemaPath:"#/properties/bind/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data6.resolver !== undefined){
if(typeof data6.resolver !== "string"){
const err16 = {instancePath:instancePath+"/bind/resolver",schemaPath:"#/properties/bind/properties/resolver/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data6.control !== undefined){
if(typeof data6.control !== "string"){
const err17 = {instancePath:instancePath+"/bind/control",schemaPath:"#/properties/bind/properties/control/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
if(data6.hosts !== undefined){
let data9 = data6.hosts;
if(Array.isArray(data9)){
const len0 = data9.length;
for(let i0=0; i0<len0; i0++){
if(typeof data9[i0] !== "string"){
const err18 = {instancePath:instancePath+"/bind/hosts/" + i0,schemaPath:"#/properties/bind/properties/hosts/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
}
else {
const err19 = {instancePath:instancePath+"/bind/hosts",schemaPath:"#/properties/bind/properties/hosts/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
}
else {
const err20 = {instancePath:instancePath+"/bind",schemaPath:"#/properties/bind/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(data.tls !== undefined){
let data11 = data.tls;
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
for(const key4 in data11){
if(!((key4 === "cert") || (key4 === "key"))){
const err21 = {instancePath:instancePath+"/tls",schemaPath:"#/properties/tls/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data11.cert !== undefined){
if(typeof data11.cert !== "string"){
const err22 = {instancePath:instancePath+"/tls/cert",schemaPath:"#/properties/tls/properties/cert/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data11.key !== undefined){
if(typeof data11.key !== "string"){
const err23 = {instancePath:instancePath+"/tls/key",schemaPath:"#/properties/tls/properties/key/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
}
else {
const err24 = {instancePath:instancePath+"/tls",schemaPath:"#/properties/tls/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
if(data.stateDir !== undefined){
let data14 = data.stateDir;
if(typeof data14 === "string"){
if(func2(data14) < 1){
const err25 = {instancePath:instancePath+"/stateDir",schemaPath:"#/properties/stateDir/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
else {
const err26 = {instancePath:instancePath+"/stateDir",schemaPath:"#/properties/stateDir/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data.tokens !== undefined){
let data15 = data.tokens;
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
for(const key5 in data15){
if(!(((key5 === "read") || (key5 === "events")) || (key5 === "operate"))){
const err27 = {instancePath:instancePath+"/tokens",schemaPath:"#/properties/tokens/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data15.read !== undefined){
if(typeof data15.read !== "string"){
const err28 = {instancePath:instancePath+"/tokens/read",schemaPath:"#/properties/tokens/properties/read/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
if(data15.events !== undefined){
if(typeof data15.events !== "string"){
const err29 = {instancePath:instancePath+"/tokens/events",schemaPath:"#/properties/tokens/properties/events/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data15.operate !== undefined){
if(typeof data15.operate !== "string"){
const err30 = {instancePath:instancePath+"/tokens/operate",schemaPath:"#/properties/tokens/properties/operate/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
}
else {
const err31 = {instancePath:instancePath+"/tokens",schemaPath:"#/properties/tokens/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data.defaultNamespace !== undefined){
let data19 = data.defaultNamespace;
if(typeof data19 === "string"){
if(!pattern4.test(data19)){
const err32 = {instancePath:instancePath+"/defaultNamespace",schemaPath:"#/properties/defaultNamespace/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9-]+$"},message:"must match pattern \""+"^[a-z0-9-]+$"+"\""};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
else {
const err33 = {instancePath:instancePath+"/defaultNamespace",schemaPath:"#/properties/defaultNamespace/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data.strict !== undefined){
if(typeof data.strict !== "boolean"){
const err34 = {instancePath:instancePath+"/strict",schemaPath:"#/properties/strict/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
if(data.catalogues !== undefined){
let data21 = data.catalogues;
if(Array.isArray(data21)){
const len1 = data21.length;
for(let i1=0; i1<len1; i1++){
let data22 = data21[i1];
if(!(((((data22 === "mockarty") || (data22 === "ai-admin-panel")) || (data22 === "aegisrunner")) || (data22 === "callboard")) || (data22 === "admin"))){
const err35 = {instancePath:instancePath+"/catalogues/" + i1,schemaPath:"#/properties/catalogues/items/enum",keyword:"enum",params:{allowedValues: schema31.properties.catalogues.items.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
let i2 = data21.length;
let j0;
if(i2 > 1){
outer0:
for(;i2--;){
for(j0 = i2; j0--;){
if(func0(data21[i2], data21[j0])){
const err36 = {instancePath:instancePath+"/catalogues",schemaPath:"#/properties/catalogues/uniqueItems",keyword:"uniqueItems",params:{i: i2, j: j0},message:"must NOT have duplicate items (items ## "+j0+" and "+i2+" are identical)"};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
break outer0;
}
}
}
}
}
else {
const err37 = {instancePath:instancePath+"/catalogues",schemaPath:"#/properties/catalogues/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data.customers !== undefined){
let data23 = data.customers;
if(data23 && typeof data23 == "object" && !Array.isArray(data23)){
for(const key6 in data23){
if(!(key6 === "enabled")){
const err38 = {instancePath:instancePath+"/customers",schemaPath:"#/properties/customers/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
if(data23.enabled !== undefined){
if(typeof data23.enabled !== "boolean"){
const err39 = {instancePath:instancePath+"/customers/enabled",schemaPath:"#/properties/customers/properties/enabled/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
}
else {
const err40 = {instancePath:instancePath+"/customers",schemaPath:"#/properties/customers/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
if(data.smtp !== undefined){
let data25 = data.smtp;
if(data25 && typeof data25 == "object" && !Array.isArray(data25)){
for(const key7 in data25){
if(!(((((((key7 === "host") || (key7 === "port")) || (key7 === "tls")) || (key7 === "ca")) || (key7 === "username")) || (key7 === "password")) || (key7 === "from"))){
const err41 = {instancePath:instancePath+"/smtp",schemaPath:"#/properties/smtp/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
if(data25.host !== undefined){
let data26 = data25.host;
if(typeof data26 === "string"){
if(func2(data26) < 1){
const err42 = {instancePath:instancePath+"/smtp/host",schemaPath:"#/properties/smtp/properties/host/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
else {
const err43 = {instancePath:instancePath+"/smtp/host",schemaPath:"#/properties/smtp/properties/host/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
if(data25.port !== undefined){
let data27 = data25.port;
if(!((typeof data27 == "number") && (!(data27 % 1) && !isNaN(data27)))){
const err44 = {instancePath:instancePath+"/smtp/port",schemaPath:"#/properties/smtp/properties/port/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
if(typeof data27 == "number"){
if(data27 > 65535 || isNaN(data27)){
const err45 = {instancePath:instancePath+"/smtp/port",schemaPath:"#/properties/smtp/properties/port/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535"};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
if(data27 < 1 || isNaN(data27)){
const err46 = {instancePath:instancePath+"/smtp/port",schemaPath:"#/properties/smtp/properties/port/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
}
if(data25.tls !== undefined){
let data28 = data25.tls;
if(!(((data28 === "starttls") || (data28 === "implicit")) || (data28 === "none"))){
const err47 = {instancePath:instancePath+"/smtp/tls",schemaPath:"#/properties/smtp/properties/tls/enum",keyword:"enum",params:{allowedValues: schema31.properties.smtp.properties.tls.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data25.ca !== undefined){
if(typeof data25.ca !== "string"){
const err48 = {instancePath:instancePath+"/smtp/ca",schemaPath:"#/properties/smtp/properties/ca/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
if(data25.username !== undefined){
if(typeof data25.username !== "string"){
const err49 = {instancePath:instancePath+"/smtp/username",schemaPath:"#/properties/smtp/properties/username/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
if(data25.password !== undefined){
if(typeof data25.password !== "string"){
const err50 = {instancePath:instancePath+"/smtp/password",schemaPath:"#/properties/smtp/properties/password/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
if(data25.from !== undefined){
if(typeof data25.from !== "string"){
const err51 = {instancePath:instancePath+"/smtp/from",schemaPath:"#/properties/smtp/properties/from/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
}
else {
const err52 = {instancePath:instancePath+"/smtp",schemaPath:"#/properties/smtp/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
if(data.telegram !== undefined){
let data33 = data.telegram;
if(data33 && typeof data33 == "object" && !Array.isArray(data33)){
for(const key8 in data33){
if(!(key8 === "webhookUrl")){
const err53 = {instancePath:instancePath+"/telegram",schemaPath:"#/properties/telegram/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
if(data33.webhookUrl !== undefined){
let data34 = data33.webhookUrl;
if(typeof data34 === "string"){
if(!pattern5.test(data34)){
const err54 = {instancePath:instancePath+"/telegram/webhookUrl",schemaPath:"#/properties/telegram/properties/webhookUrl/pattern",keyword:"pattern",params:{pattern: "^https://[^/?#\\s]+(/[^?#\\s]*)?$"},message:"must match pattern \""+"^https://[^/?#\\s]+(/[^?#\\s]*)?$"+"\""};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
else {
const err55 = {instancePath:instancePath+"/telegram/webhookUrl",schemaPath:"#/properties/telegram/properties/webhookUrl/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
}
else {
const err56 = {instancePath:instancePath+"/telegram",schemaPath:"#/properties/telegram/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
if(data.network !== undefined){
let data35 = data.network;
if(data35 && typeof data35 == "object" && !Array.isArray(data35)){
for(const key9 in data35){
if(!(((key9 === "allow") || (key9 === "allowPrivate")) || (key9 === "proxy"))){
const err57 = {instancePath:instancePath+"/network",schemaPath:"#/properties/network/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key9},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
if(data35.allow !== undefined){
let data36 = data35.allow;
if(Array.isArray(data36)){
const len2 = data36.length;
for(let i3=0; i3<len2; i3++){
if(typeof data36[i3] !== "string"){
const err58 = {instancePath:instancePath+"/network/allow/" + i3,schemaPath:"#/properties/network/properties/allow/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
}
else {
const err59 = {instancePath:instancePath+"/network/allow",schemaPath:"#/properties/network/properties/allow/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data35.allowPrivate !== undefined){
if(typeof data35.allowPrivate !== "boolean"){
const err60 = {instancePath:instancePath+"/network/allowPrivate",schemaPath:"#/properties/network/properties/allowPrivate/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
if(data35.proxy !== undefined){
let data39 = data35.proxy;
if(data39 && typeof data39 == "object" && !Array.isArray(data39)){
for(const key10 in data39){
if(!((((key10 === "url") || (key10 === "username")) || (key10 === "password")) || (key10 === "noProxy"))){
const err61 = {instancePath:instancePath+"/network/proxy",schemaPath:"#/properties/network/properties/proxy/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key10},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data39.url !== undefined){
let data40 = data39.url;
if(typeof data40 === "string"){
if(!pattern6.test(data40)){
const err62 = {instancePath:instancePath+"/network/proxy/url",schemaPath:"#/properties/network/properties/proxy/properties/url/pattern",keyword:"pattern",params:{pattern: "^https?://[^/?#@\\s]+/?$"},message:"must match pattern \""+"^https?://[^/?#@\\s]+/?$"+"\""};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
else {
const err63 = {instancePath:instancePath+"/network/proxy/url",schemaPath:"#/properties/network/properties/proxy/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
if(data39.username !== undefined){
let data41 = data39.username;
if(typeof data41 === "string"){
if(func2(data41) < 1){
const err64 = {instancePath:instancePath+"/network/proxy/username",schemaPath:"#/properties/network/properties/proxy/properties/username/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
}
else {
const err65 = {instancePath:instancePath+"/network/proxy/username",schemaPath:"#/properties/network/properties/proxy/properties/username/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
if(data39.password !== undefined){
let data42 = data39.password;
if(data42 && typeof data42 == "object" && !Array.isArray(data42)){
if(Object.keys(data42).length > 1){
const err66 = {instancePath:instancePath+"/network/proxy/password",schemaPath:"#/properties/network/properties/proxy/properties/password/maxProperties",keyword:"maxProperties",params:{limit: 1},message:"must NOT have more than 1 properties"};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
if(Object.keys(data42).length < 1){
const err67 = {instancePath:instancePath+"/network/proxy/password",schemaPath:"#/properties/network/properties/proxy/properties/password/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties"};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
for(const key11 in data42){
if(!((key11 === "env") || (key11 === "file"))){
const err68 = {instancePath:instancePath+"/network/proxy/password",schemaPath:"#/properties/network/properties/proxy/properties/password/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key11},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
if(data42.env !== undefined){
let data43 = data42.env;
if(typeof data43 === "string"){
if(func2(data43) < 1){
const err69 = {instancePath:instancePath+"/network/proxy/password/env",schemaPath:"#/properties/network/properties/proxy/properties/password/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
}
else {
const err70 = {instancePath:instancePath+"/network/proxy/password/env",schemaPath:"#/properties/network/properties/proxy/properties/password/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
if(data42.file !== undefined){
let data44 = data42.file;
if(typeof data44 === "string"){
if(func2(data44) < 1){
const err71 = {instancePath:instancePath+"/network/proxy/password/file",schemaPath:"#/properties/network/properties/proxy/properties/password/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
else {
const err72 = {instancePath:instancePath+"/network/proxy/password/file",schemaPath:"#/properties/network/properties/proxy/properties/password/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
}
else {
const err73 = {instancePath:instancePath+"/network/proxy/password",schemaPath:"#/properties/network/properties/proxy/properties/password/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data39.noProxy !== undefined){
let data45 = data39.noProxy;
if(Array.isArray(data45)){
const len3 = data45.length;
for(let i4=0; i4<len3; i4++){
if(typeof data45[i4] !== "string"){
const err74 = {instancePath:instancePath+"/network/proxy/noProxy/" + i4,schemaPath:"#/properties/network/properties/proxy/properties/noProxy/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
}
else {
const err75 = {instancePath:instancePath+"/network/proxy/noProxy",schemaPath:"#/properties/network/properties/proxy/properties/noProxy/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
}
if(data39.username !== undefined){
if(data39.url === undefined){
const err76 = {instancePath:instancePath+"/network/proxy",schemaPath:"#/properties/network/properties/proxy/dependentRequired",keyword:"dependentRequired",params:{property: "username",
    missingProperty: "url",
    depsCount: 1,
    deps: "url"},message:"must have property url when property username is present"};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
}
if(data39.password !== undefined){
if(data39.username === undefined){
const err77 = {instancePath:instancePath+"/network/proxy",schemaPath:"#/properties/network/properties/proxy/dependentRequired",keyword:"dependentRequired",params:{property: "password",
    missingProperty: "username",
    depsCount: 1,
    deps: "username"},message:"must have property username when property password is present"};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
if(data39.noProxy !== undefined){
if(data39.url === undefined){
const err78 = {instancePath:instancePath+"/network/proxy",schemaPath:"#/properties/network/properties/proxy/dependentRequired",keyword:"dependentRequired",params:{property: "noProxy",
    missingProperty: "url",
    depsCount: 1,
    deps: "url"},message:"must have property url when property noProxy is present"};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
}
}
else {
const err79 = {instancePath:instancePath+"/network/proxy",schemaPath:"#/properties/network/properties/proxy/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
}
}
else {
const err80 = {instancePath:instancePath+"/network",schemaPath:"#/properties/network/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
if(data.expressions !== undefined){
let data47 = data.expressions;
if(data47 && typeof data47 == "object" && !Array.isArray(data47)){
for(const key12 in data47){
if(!((key12 === "env") || (key12 === "seed"))){
const err81 = {instancePath:instancePath+"/expressions",schemaPath:"#/properties/expressions/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key12},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
if(data47.env !== undefined){
let data48 = data47.env;
if(Array.isArray(data48)){
const len4 = data48.length;
for(let i5=0; i5<len4; i5++){
if(typeof data48[i5] !== "string"){
const err82 = {instancePath:instancePath+"/expressions/env/" + i5,schemaPath:"#/properties/expressions/properties/env/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
}
else {
const err83 = {instancePath:instancePath+"/expressions/env",schemaPath:"#/properties/expressions/properties/env/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
}
if(data47.seed !== undefined){
if(typeof data47.seed !== "string"){
const err84 = {instancePath:instancePath+"/expressions/seed",schemaPath:"#/properties/expressions/properties/seed/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
}
}
else {
const err85 = {instancePath:instancePath+"/expressions",schemaPath:"#/properties/expressions/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
}
if(data.reconcile !== undefined){
let data51 = data.reconcile;
if(data51 && typeof data51 == "object" && !Array.isArray(data51)){
for(const key13 in data51){
if(!(key13 === "maxPrune")){
const err86 = {instancePath:instancePath+"/reconcile",schemaPath:"#/properties/reconcile/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key13},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
if(data51.maxPrune !== undefined){
let data52 = data51.maxPrune;
if(typeof data52 == "number"){
if(data52 > 1 || isNaN(data52)){
const err87 = {instancePath:instancePath+"/reconcile/maxPrune",schemaPath:"#/properties/reconcile/properties/maxPrune/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1},message:"must be <= 1"};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
if(data52 < 0 || isNaN(data52)){
const err88 = {instancePath:instancePath+"/reconcile/maxPrune",schemaPath:"#/properties/reconcile/properties/maxPrune/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
}
else {
const err89 = {instancePath:instancePath+"/reconcile/maxPrune",schemaPath:"#/properties/reconcile/properties/maxPrune/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
}
}
else {
const err90 = {instancePath:instancePath+"/reconcile",schemaPath:"#/properties/reconcile/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
if(data.requests !== undefined){
let data53 = data.requests;
if(data53 && typeof data53 == "object" && !Array.isArray(data53)){
for(const key14 in data53){
if(!((((key14 === "bytes") || (key14 === "bodyBytes")) || (key14 === "maskHeaders")) || (key14 === "correlationHeaders"))){
const err91 = {instancePath:instancePath+"/requests",schemaPath:"#/properties/requests/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key14},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
}
if(data53.bytes !== undefined){
let data54 = data53.bytes;
if(!((typeof data54 == "number") && (!(data54 % 1) && !isNaN(data54)))){
const err92 = {instancePath:instancePath+"/requests/bytes",schemaPath:"#/properties/requests/properties/bytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
if(typeof data54 == "number"){
if(data54 < 0 || isNaN(data54)){
const err93 = {instancePath:instancePath+"/requests/bytes",schemaPath:"#/properties/requests/properties/bytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
}
}
if(data53.bodyBytes !== undefined){
let data55 = data53.bodyBytes;
if(!((typeof data55 == "number") && (!(data55 % 1) && !isNaN(data55)))){
const err94 = {instancePath:instancePath+"/requests/bodyBytes",schemaPath:"#/properties/requests/properties/bodyBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
if(typeof data55 == "number"){
if(data55 < 0 || isNaN(data55)){
const err95 = {instancePath:instancePath+"/requests/bodyBytes",schemaPath:"#/properties/requests/properties/bodyBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
}
if(data53.maskHeaders !== undefined){
let data56 = data53.maskHeaders;
if(Array.isArray(data56)){
const len5 = data56.length;
for(let i6=0; i6<len5; i6++){
if(typeof data56[i6] !== "string"){
const err96 = {instancePath:instancePath+"/requests/maskHeaders/" + i6,schemaPath:"#/properties/requests/properties/maskHeaders/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
}
}
else {
const err97 = {instancePath:instancePath+"/requests/maskHeaders",schemaPath:"#/properties/requests/properties/maskHeaders/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
}
if(data53.correlationHeaders !== undefined){
if(typeof data53.correlationHeaders !== "boolean"){
const err98 = {instancePath:instancePath+"/requests/correlationHeaders",schemaPath:"#/properties/requests/properties/correlationHeaders/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
}
}
else {
const err99 = {instancePath:instancePath+"/requests",schemaPath:"#/properties/requests/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
}
if(data.stores !== undefined){
let data59 = data.stores;
if(data59 && typeof data59 == "object" && !Array.isArray(data59)){
for(const key15 in data59){
if(!(((key15 === "entries") || (key15 === "bytes")) || (key15 === "chainIdle"))){
const err100 = {instancePath:instancePath+"/stores",schemaPath:"#/properties/stores/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key15},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
}
if(data59.entries !== undefined){
let data60 = data59.entries;
if(!((typeof data60 == "number") && (!(data60 % 1) && !isNaN(data60)))){
const err101 = {instancePath:instancePath+"/stores/entries",schemaPath:"#/properties/stores/properties/entries/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
if(typeof data60 == "number"){
if(data60 < 1 || isNaN(data60)){
const err102 = {instancePath:instancePath+"/stores/entries",schemaPath:"#/properties/stores/properties/entries/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
}
}
if(data59.bytes !== undefined){
let data61 = data59.bytes;
if(!((typeof data61 == "number") && (!(data61 % 1) && !isNaN(data61)))){
const err103 = {instancePath:instancePath+"/stores/bytes",schemaPath:"#/properties/stores/properties/bytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
if(typeof data61 == "number"){
if(data61 < 1 || isNaN(data61)){
const err104 = {instancePath:instancePath+"/stores/bytes",schemaPath:"#/properties/stores/properties/bytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
}
}
if(data59.chainIdle !== undefined){
let data62 = data59.chainIdle;
if(typeof data62 == "number"){
if(data62 < 1 || isNaN(data62)){
const err105 = {instancePath:instancePath+"/stores/chainIdle",schemaPath:"#/properties/stores/properties/chainIdle/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
}
}
else {
const err106 = {instancePath:instancePath+"/stores/chainIdle",schemaPath:"#/properties/stores/properties/chainIdle/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err106];
}
else {
vErrors.push(err106);
}
errors++;
}
}
}
else {
const err107 = {instancePath:instancePath+"/stores",schemaPath:"#/properties/stores/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
}
if(data.delivery !== undefined){
let data63 = data.delivery;
if(data63 && typeof data63 == "object" && !Array.isArray(data63)){
for(const key16 in data63){
if(!((((key16 === "poolSize") || (key16 === "waiting")) || (key16 === "maxAge")) || (key16 === "shutdownGrace"))){
const err108 = {instancePath:instancePath+"/delivery",schemaPath:"#/properties/delivery/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key16},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err108];
}
else {
vErrors.push(err108);
}
errors++;
}
}
if(data63.poolSize !== undefined){
let data64 = data63.poolSize;
if(!((typeof data64 == "number") && (!(data64 % 1) && !isNaN(data64)))){
const err109 = {instancePath:instancePath+"/delivery/poolSize",schemaPath:"#/properties/delivery/properties/poolSize/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err109];
}
else {
vErrors.push(err109);
}
errors++;
}
if(typeof data64 == "number"){
if(data64 > 10000 || isNaN(data64)){
const err110 = {instancePath:instancePath+"/delivery/poolSize",schemaPath:"#/properties/delivery/properties/poolSize/maximum",keyword:"maximum",params:{comparison: "<=", limit: 10000},message:"must be <= 10000"};
if(vErrors === null){
vErrors = [err110];
}
else {
vErrors.push(err110);
}
errors++;
}
if(data64 < 1 || isNaN(data64)){
const err111 = {instancePath:instancePath+"/delivery/poolSize",schemaPath:"#/properties/delivery/properties/poolSize/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err111];
}
else {
vErrors.push(err111);
}
errors++;
}
}
}
if(data63.waiting !== undefined){
let data65 = data63.waiting;
if(!((typeof data65 == "number") && (!(data65 % 1) && !isNaN(data65)))){
const err112 = {instancePath:instancePath+"/delivery/waiting",schemaPath:"#/properties/delivery/properties/waiting/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err112];
}
else {
vErrors.push(err112);
}
errors++;
}
if(typeof data65 == "number"){
if(data65 < 1 || isNaN(data65)){
const err113 = {instancePath:instancePath+"/delivery/waiting",schemaPath:"#/properties/delivery/properties/waiting/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err113];
}
else {
vErrors.push(err113);
}
errors++;
}
}
}
if(data63.maxAge !== undefined){
let data66 = data63.maxAge;
if(typeof data66 == "number"){
if(data66 <= 0 || isNaN(data66)){
const err114 = {instancePath:instancePath+"/delivery/maxAge",schemaPath:"#/properties/delivery/properties/maxAge/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0"};
if(vErrors === null){
vErrors = [err114];
}
else {
vErrors.push(err114);
}
errors++;
}
}
else {
const err115 = {instancePath:instancePath+"/delivery/maxAge",schemaPath:"#/properties/delivery/properties/maxAge/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err115];
}
else {
vErrors.push(err115);
}
errors++;
}
}
if(data63.shutdownGrace !== undefined){
let data67 = data63.shutdownGrace;
if(typeof data67 == "number"){
if(data67 > 3600 || isNaN(data67)){
const err116 = {instancePath:instancePath+"/delivery/shutdownGrace",schemaPath:"#/properties/delivery/properties/shutdownGrace/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600},message:"must be <= 3600"};
if(vErrors === null){
vErrors = [err116];
}
else {
vErrors.push(err116);
}
errors++;
}
if(data67 < 0 || isNaN(data67)){
const err117 = {instancePath:instancePath+"/delivery/shutdownGrace",schemaPath:"#/properties/delivery/properties/shutdownGrace/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err117];
}
else {
vErrors.push(err117);
}
errors++;
}
}
else {
const err118 = {instancePath:instancePath+"/delivery/shutdownGrace",schemaPath:"#/properties/delivery/properties/shutdownGrace/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err118];
}
else {
vErrors.push(err118);
}
errors++;
}
}
}
else {
const err119 = {instancePath:instancePath+"/delivery",schemaPath:"#/properties/delivery/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err119];
}
else {
vErrors.push(err119);
}
errors++;
}
}
if(data.retention !== undefined){
let data68 = data.retention;
if(data68 && typeof data68 == "object" && !Array.isArray(data68)){
for(const key17 in data68){
if(!(((key17 === "deliveries") || (key17 === "deliveryAge")) || (key17 === "deadLetters"))){
const err120 = {instancePath:instancePath+"/retention",schemaPath:"#/properties/retention/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key17},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err120];
}
else {
vErrors.push(err120);
}
errors++;
}
}
if(data68.deliveries !== undefined){
let data69 = data68.deliveries;
if(!((typeof data69 == "number") && (!(data69 % 1) && !isNaN(data69)))){
const err121 = {instancePath:instancePath+"/retention/deliveries",schemaPath:"#/properties/retention/properties/deliveries/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err121];
}
else {
vErrors.push(err121);
}
errors++;
}
if(typeof data69 == "number"){
if(data69 < 0 || isNaN(data69)){
const err122 = {instancePath:instancePath+"/retention/deliveries",schemaPath:"#/properties/retention/properties/deliveries/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err122];
}
else {
vErrors.push(err122);
}
errors++;
}
}
}
if(data68.deliveryAge !== undefined){
let data70 = data68.deliveryAge;
if(typeof data70 == "number"){
if(data70 < 0 || isNaN(data70)){
const err123 = {instancePath:instancePath+"/retention/deliveryAge",schemaPath:"#/properties/retention/properties/deliveryAge/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err123];
}
else {
vErrors.push(err123);
}
errors++;
}
}
else {
const err124 = {instancePath:instancePath+"/retention/deliveryAge",schemaPath:"#/properties/retention/properties/deliveryAge/type",keyword:"type",params:{type: "number"},message:"must be number"};
if(vErrors === null){
vErrors = [err124];
}
else {
vErrors.push(err124);
}
errors++;
}
}
if(data68.deadLetters !== undefined){
let data71 = data68.deadLetters;
if(!((typeof data71 == "number") && (!(data71 % 1) && !isNaN(data71)))){
const err125 = {instancePath:instancePath+"/retention/deadLetters",schemaPath:"#/properties/retention/properties/deadLetters/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err125];
}
else {
vErrors.push(err125);
}
errors++;
}
if(typeof data71 == "number"){
if(data71 < 0 || isNaN(data71)){
const err126 = {instancePath:instancePath+"/retention/deadLetters",schemaPath:"#/properties/retention/properties/deadLetters/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err126];
}
else {
vErrors.push(err126);
}
errors++;
}
}
}
}
else {
const err127 = {instancePath:instancePath+"/retention",schemaPath:"#/properties/retention/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err127];
}
else {
vErrors.push(err127);
}
errors++;
}
}
if(data.limits !== undefined){
let data72 = data.limits;
if(data72 && typeof data72 == "object" && !Array.isArray(data72)){
for(const key18 in data72){
if(!((((((((key18 === "fileBytes") || (key18 === "referenceBytes")) || (key18 === "files")) || (key18 === "documentsPerFile")) || (key18 === "bodyBytes")) || (key18 === "eventBytes")) || (key18 === "headerBytes")) || (key18 === "headers"))){
const err128 = {instancePath:instancePath+"/limits",schemaPath:"#/properties/limits/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key18},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err128];
}
else {
vErrors.push(err128);
}
errors++;
}
}
if(data72.fileBytes !== undefined){
let data73 = data72.fileBytes;
if(!((typeof data73 == "number") && (!(data73 % 1) && !isNaN(data73)))){
const err129 = {instancePath:instancePath+"/limits/fileBytes",schemaPath:"#/properties/limits/properties/fileBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err129];
}
else {
vErrors.push(err129);
}
errors++;
}
if(typeof data73 == "number"){
if(data73 < 1024 || isNaN(data73)){
const err130 = {instancePath:instancePath+"/limits/fileBytes",schemaPath:"#/properties/limits/properties/fileBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1024},message:"must be >= 1024"};
if(vErrors === null){
vErrors = [err130];
}
else {
vErrors.push(err130);
}
errors++;
}
}
}
if(data72.referenceBytes !== undefined){
let data74 = data72.referenceBytes;
if(!((typeof data74 == "number") && (!(data74 % 1) && !isNaN(data74)))){
const err131 = {instancePath:instancePath+"/limits/referenceBytes",schemaPath:"#/properties/limits/properties/referenceBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err131];
}
else {
vErrors.push(err131);
}
errors++;
}
if(typeof data74 == "number"){
if(data74 < 1024 || isNaN(data74)){
const err132 = {instancePath:instancePath+"/limits/referenceBytes",schemaPath:"#/properties/limits/properties/referenceBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1024},message:"must be >= 1024"};
if(vErrors === null){
vErrors = [err132];
}
else {
vErrors.push(err132);
}
errors++;
}
}
}
if(data72.files !== undefined){
let data75 = data72.files;
if(!((typeof data75 == "number") && (!(data75 % 1) && !isNaN(data75)))){
const err133 = {instancePath:instancePath+"/limits/files",schemaPath:"#/properties/limits/properties/files/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err133];
}
else {
vErrors.push(err133);
}
errors++;
}
if(typeof data75 == "number"){
if(data75 < 1 || isNaN(data75)){
const err134 = {instancePath:instancePath+"/limits/files",schemaPath:"#/properties/limits/properties/files/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err134];
}
else {
vErrors.push(err134);
}
errors++;
}
}
}
if(data72.documentsPerFile !== undefined){
let data76 = data72.documentsPerFile;
if(!((typeof data76 == "number") && (!(data76 % 1) && !isNaN(data76)))){
const err135 = {instancePath:instancePath+"/limits/documentsPerFile",schemaPath:"#/properties/limits/properties/documentsPerFile/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err135];
}
else {
vErrors.push(err135);
}
errors++;
}
if(typeof data76 == "number"){
if(data76 < 1 || isNaN(data76)){
const err136 = {instancePath:instancePath+"/limits/documentsPerFile",schemaPath:"#/properties/limits/properties/documentsPerFile/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err136];
}
else {
vErrors.push(err136);
}
errors++;
}
}
}
if(data72.bodyBytes !== undefined){
let data77 = data72.bodyBytes;
if(!((typeof data77 == "number") && (!(data77 % 1) && !isNaN(data77)))){
const err137 = {instancePath:instancePath+"/limits/bodyBytes",schemaPath:"#/properties/limits/properties/bodyBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err137];
}
else {
vErrors.push(err137);
}
errors++;
}
if(typeof data77 == "number"){
if(data77 < 0 || isNaN(data77)){
const err138 = {instancePath:instancePath+"/limits/bodyBytes",schemaPath:"#/properties/limits/properties/bodyBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err138];
}
else {
vErrors.push(err138);
}
errors++;
}
}
}
if(data72.eventBytes !== undefined){
let data78 = data72.eventBytes;
if(!((typeof data78 == "number") && (!(data78 % 1) && !isNaN(data78)))){
const err139 = {instancePath:instancePath+"/limits/eventBytes",schemaPath:"#/properties/limits/properties/eventBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err139];
}
else {
vErrors.push(err139);
}
errors++;
}
if(typeof data78 == "number"){
if(data78 > 33554432 || isNaN(data78)){
const err140 = {instancePath:instancePath+"/limits/eventBytes",schemaPath:"#/properties/limits/properties/eventBytes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 33554432},message:"must be <= 33554432"};
if(vErrors === null){
vErrors = [err140];
}
else {
vErrors.push(err140);
}
errors++;
}
if(data78 < 1024 || isNaN(data78)){
const err141 = {instancePath:instancePath+"/limits/eventBytes",schemaPath:"#/properties/limits/properties/eventBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1024},message:"must be >= 1024"};
if(vErrors === null){
vErrors = [err141];
}
else {
vErrors.push(err141);
}
errors++;
}
}
}
if(data72.headerBytes !== undefined){
let data79 = data72.headerBytes;
if(!((typeof data79 == "number") && (!(data79 % 1) && !isNaN(data79)))){
const err142 = {instancePath:instancePath+"/limits/headerBytes",schemaPath:"#/properties/limits/properties/headerBytes/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err142];
}
else {
vErrors.push(err142);
}
errors++;
}
if(typeof data79 == "number"){
if(data79 < 1024 || isNaN(data79)){
const err143 = {instancePath:instancePath+"/limits/headerBytes",schemaPath:"#/properties/limits/properties/headerBytes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1024},message:"must be >= 1024"};
if(vErrors === null){
vErrors = [err143];
}
else {
vErrors.push(err143);
}
errors++;
}
}
}
if(data72.headers !== undefined){
let data80 = data72.headers;
if(!((typeof data80 == "number") && (!(data80 % 1) && !isNaN(data80)))){
const err144 = {instancePath:instancePath+"/limits/headers",schemaPath:"#/properties/limits/properties/headers/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err144];
}
else {
vErrors.push(err144);
}
errors++;
}
if(typeof data80 == "number"){
if(data80 < 1 || isNaN(data80)){
const err145 = {instancePath:instancePath+"/limits/headers",schemaPath:"#/properties/limits/properties/headers/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err145];
}
else {
vErrors.push(err145);
}
errors++;
}
}
}
}
else {
const err146 = {instancePath:instancePath+"/limits",schemaPath:"#/properties/limits/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err146];
}
else {
vErrors.push(err146);
}
errors++;
}
}
if(data.log !== undefined){
let data81 = data.log;
if(data81 && typeof data81 == "object" && !Array.isArray(data81)){
for(const key19 in data81){
if(!(key19 === "level")){
const err147 = {instancePath:instancePath+"/log",schemaPath:"#/properties/log/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key19},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err147];
}
else {
vErrors.push(err147);
}
errors++;
}
}
if(data81.level !== undefined){
let data82 = data81.level;
if(!(((((((data82 === "fatal") || (data82 === "error")) || (data82 === "warn")) || (data82 === "info")) || (data82 === "debug")) || (data82 === "trace")) || (data82 === "silent"))){
const err148 = {instancePath:instancePath+"/log/level",schemaPath:"#/properties/log/properties/level/enum",keyword:"enum",params:{allowedValues: schema31.properties.log.properties.level.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err148];
}
else {
vErrors.push(err148);
}
errors++;
}
}
}
else {
const err149 = {instancePath:instancePath+"/log",schemaPath:"#/properties/log/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err149];
}
else {
vErrors.push(err149);
}
errors++;
}
}
}
else {
const err150 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err150];
}
else {
vErrors.push(err150);
}
errors++;
}
validate20.errors = vErrors;
return errors === 0;
}
validate20.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


// Generated from schemas/ by `npm run generate`. Do not edit.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export const validateAdminWebhook = validate20;
const schema31 = {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"admin-webhook.schema.json","title":"AdminWebhook","description":"Something sent out when namespaces, users or Callboard itself change. Each change fires once, also over a restart.","type":"object","additionalProperties":false,"required":["apiVersion","kind","metadata","spec"],"properties":{"apiVersion":{"$ref":"common.schema.json#/$defs/apiVersion"},"kind":{"description":"The kind of resource.","const":"AdminWebhook"},"metadata":{"title":"AdminWebhookMetadata","description":"What the webhook is called. It is global: it has no namespace itself.","type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"$ref":"common.schema.json#/$defs/resourceName","description":"Unique among webhooks of this kind. Lower-case letters, digits, '-' and '.'."},"labels":{"$ref":"common.schema.json#/$defs/labels"},"annotations":{"$ref":"common.schema.json#/$defs/annotations"}}},"spec":{"title":"AdminWebhookSpec","description":"What is heard of, and what is sent where.","type":"object","additionalProperties":false,"required":["operation"],"properties":{"operation":{"title":"Operations","description":"What it hears of: one of these, or a list. `namespace.*` and `user.*` come from declared Namespaces and Users, `backup.*` from `callboard backup` and `callboard restore`. `user.password.set`, `job.run` and `license.*` belong to other systems.","type":["string","array"],"if":{"type":"array"},"then":{"minItems":1,"maxItems":64,"uniqueItems":true,"items":{"$ref":"#/$defs/operation"}},"else":{"$ref":"#/$defs/operation"}},"enabled":{"description":"false: nothing is sent. Default: true.","type":"boolean","default":true},"type":{"$ref":"common.schema.json#/$defs/callback/properties/type"},"delay":{"$ref":"common.schema.json#/$defs/callback/properties/delay","description":"Seconds between the change and the first attempt. Kept over a restart. Default: 0."},"timeout":{"$ref":"common.schema.json#/$defs/callback/properties/timeout"},"retryCount":{"$ref":"common.schema.json#/$defs/callback/properties/retryCount"},"retryDelay":{"$ref":"common.schema.json#/$defs/callback/properties/retryDelay"},"retryPolicy":{"$ref":"common.schema.json#/$defs/callback/properties/retryPolicy"},"headers":{"$ref":"common.schema.json#/$defs/callback/properties/headers","description":"Headers of the request or message, expressions over the change allowed. For Kafka, Content-Type is left out."},"body":{"$ref":"common.schema.json#/$defs/callback/properties/body","description":"Any JSON or text, with expressions over the change: `$.change.operation` (`mock.update`), `.kind`, `.namespace` (the one concerned), `.name`, `.from` (before a rename or move), `.before` and `.after` (digests of what was and is declared), `.file`, `.line`, `.revision`, `.generation`, `.commit`, `.author`, `.time`, `.user` (`{name, email, displayName, role}`) and `.details`; null where there is nothing to say. Also `$.namespace`, `$.now`, `$.env` and `$.fake`. Default: all of `$.change` as JSON, but for GET."},"sign":{"$ref":"common.schema.json#/$defs/callback/properties/sign"},"breaker":{"$ref":"common.schema.json#/$defs/callback/properties/breaker"},"url":{"$ref":"common.schema.json#/$defs/callback/properties/url","description":"http: where to send it, expressions over the change allowed; or a secret when the URL itself is the credential."},"method":{"$ref":"common.schema.json#/$defs/callback/properties/method"},"kafkaBrokers":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaBrokers"},"kafkaTopic":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaTopic"},"kafkaKey":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaKey"},"kafkaUseSASL":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaUseSASL"},"kafkaSaslMechanism":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaSaslMechanism"},"kafkaUsername":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaUsername"},"kafkaPassword":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaPassword"},"kafkaUseTLS":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaUseTLS"},"kafkaCa":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaCa"},"rabbitURL":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitURL"},"rabbitExchange":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitExchange"},"rabbitRoutingKey":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitRoutingKey"},"rabbitQueue":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitQueue"},"rabbitMandatory":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitMandatory"},"rabbitCa":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitCa"}},"allOf":[{"$ref":"common.schema.json#/$defs/callback/allOf/0"},{"$ref":"common.schema.json#/$defs/callback/allOf/1"},{"$ref":"common.schema.json#/$defs/callback/allOf/2"},{"$ref":"common.schema.json#/$defs/callback/allOf/3"}]}},"$defs":{"operation":{"title":"AdminWebhookOperation","description":"One of the operations that a AdminWebhook hears of.","type":"string","enum":["namespace.create","namespace.delete","namespace.update","namespace.user.add","user.create","user.delete","user.update","user.password.set","job.run","backup.create","backup.restore","license.create","license.update","license.delete"],"x-hints":{"mock.create":"it is one for a NamespaceWebhook; write kind: NamespaceWebhook","mock.update":"it is one for a NamespaceWebhook; write kind: NamespaceWebhook","mock.delete":"it is one for a NamespaceWebhook; write kind: NamespaceWebhook","mock.restore":"it is one for a NamespaceWebhook; write kind: NamespaceWebhook","user.add_to_namespace":"it is one for a NamespaceWebhook; write kind: NamespaceWebhook"}}}};
const schema33 = {"description":"Marks the document as one of Callboard's. Documents without it are left alone.","const":"callboard/v1"};
const schema34 = {"description":"Lower-case letters, digits, '-' and '.', at most 253 characters, beginning and ending with a letter or digit.","type":"string","minLength":1,"maxLength":253,"pattern":"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"};
const schema35 = {"title":"Labels","description":"Names and values for selecting resources. Values are text.","type":"object","maxProperties":64,"propertyNames":{"minLength":1,"maxLength":253},"additionalProperties":{"type":"string","maxLength":1024}};
const schema36 = {"title":"Annotations","description":"Notes for people and tools. Read by Callboard: `callboard/renamed-from` (`[namespace/]name` this resource had before, so that its state is kept) and `callboard/faker-seed` (makes `$.fake` and random choices repeatable).","type":"object","maxProperties":64,"propertyNames":{"minLength":1,"maxLength":253},"properties":{"callboard/renamed-from":{"description":"`name` or `namespace/name` that this resource had before. Its counters and stores are kept.","type":"string","minLength":1},"callboard/faker-seed":{"description":"Any text. The same seed gives the same `$.fake` values and random choices in every run.","type":"string","minLength":1}},"additionalProperties":{"type":"string","maxLength":65536}};
const schema37 = {"if":{"properties":{"type":{"const":"kafka"}},"required":["type"]},"then":{"required":["kafkaBrokers","kafkaTopic"]}};
const schema38 = {"if":{"properties":{"type":{"const":"rabbitmq"}},"required":["type"]},"then":{"required":["rabbitURL"]}};
const schema39 = {"if":{"properties":{"type":{"const":"http"}}},"then":{"required":["url"]}};
const schema40 = {"if":{"properties":{"kafkaUseSASL":{"const":true}},"required":["kafkaUseSASL"]},"then":{"required":["kafkaUsername","kafkaPassword"]}};
const schema41 = {"title":"AdminWebhookOperation","description":"One of the operations that a AdminWebhook hears of.","type":"string","enum":["namespace.create","namespace.delete","namespace.update","namespace.user.add","user.create","user.delete","user.update","user.password.set","job.run","backup.create","backup.restore","license.create","license.update","license.delete"],"x-hints":{"mock.create":"it is one for a NamespaceWebhook; write kind: NamespaceWebhook","mock.update":"it is one for a NamespaceWebhook; write kind: NamespaceWebhook","mock.delete":"it is one for a NamespaceWebhook; write kind: NamespaceWebhook","mock.restore":"it is one for a NamespaceWebhook; write kind: NamespaceWebhook","user.add_to_namespace":"it is one for a NamespaceWebhook; write kind: NamespaceWebhook"}};
const schema43 = {"description":"How it is sent. Default: http.","enum":["http","kafka","rabbitmq"],"default":"http"};
const schema44 = {"description":"Seconds between the answer and the first attempt. Kept over a restart. Default: 0.","type":"number","minimum":0,"default":0};
const schema45 = {"description":"Seconds an attempt may take. Default: 30.","type":"number","exclusiveMinimum":0,"default":30,"x-unit":"s"};
const schema46 = {"description":"Further attempts after the first failed one. Default: 0.","type":"integer","minimum":0,"maximum":1000,"default":0};
const schema47 = {"description":"Seconds between two attempts. Default: 1.","type":"number","minimum":0,"default":1,"x-unit":"s"};
const schema48 = {"description":"`fixed`: the same delay each time. `exponential`: doubled each time. Default: fixed.","enum":["fixed","exponential"],"default":"fixed"};
const schema54 = {"description":"Any JSON or text, expressions allowed. Text is sent as text/plain, anything else as JSON, unless a header says otherwise. Default: empty."};
const schema58 = {"description":"Stop trying a target for a while after repeated network failures. Default: true.","type":"boolean","default":true};
const schema59 = {"title":"TargetUrl","description":"http: where to send it, expressions allowed; or a secret when the URL itself is the credential.","type":["string","object"],"minLength":1,"x-secret":"password","additionalProperties":false,"properties":{"env":{"description":"Name of the environment variable that holds the URL.","type":"string","minLength":1},"file":{"description":"Path of the file that holds the URL.","type":"string","minLength":1},"prefix":{"description":"Text put before the value. Default: none.","type":"string","default":""}},"if":{"type":"object"},"then":{"oneOf":[{"required":["env"]},{"required":["file"]}]}};
const schema60 = {"description":"http: the method. Default: POST.","enum":["POST","PUT","PATCH","DELETE","GET"],"default":"POST"};
const schema61 = {"description":"kafka: addresses of brokers, separated by commas: `kafka1:9092,kafka2:9092`.","type":"string","minLength":1};
const schema62 = {"description":"kafka: the topic, expressions allowed.","type":"string","minLength":1};
const schema63 = {"description":"kafka: the message key, expressions allowed. Default: none.","type":"string","default":""};
const schema64 = {"description":"kafka: log in with user name and password. Default: false.","type":"boolean","default":false};
const schema65 = {"description":"kafka: how to log in. Default: plain.","enum":["plain","scram-sha-256","scram-sha-512"],"default":"plain"};
const schema66 = {"description":"kafka: the user name for SASL.","type":"string","default":""};
const schema50 = {"title":"Secret","description":"A secret: `{env: NAME}` or `{file: path}`, read when it is used. A literal is accepted with a warning (an error with --strict).","writeOnly":true,"type":["string","object"],"additionalProperties":false,"properties":{"env":{"description":"Name of the environment variable that holds the secret.","type":"string","minLength":1},"file":{"description":"Path of the file that holds the secret. A line break at its end is dropped.","type":"string","minLength":1},"prefix":{"description":"Text put before the secret, such as `\"Bearer \"`. Default: none.","type":"string","default":""}},"if":{"type":"object"},"then":{"oneOf":[{"required":["env"]},{"required":["file"]}]}};
const schema68 = {"description":"kafka: connect with TLS (1.2 or newer). Default: false.","type":"boolean","default":false};
const schema69 = {"description":"kafka: PEM file of the authority that signed the brokers' certificates. Default: the system's.","type":"string","minLength":1};
const schema70 = {"title":"RabbitUrl","description":"rabbitmq: AMQP address, `amqp://user:password@host:5672/vhost` or `amqps://`, expressions allowed; best as a secret when it has a password. Without a user it is guest, whom brokers accept from their own machine only.","type":["string","object"],"minLength":1,"x-secret":"password","additionalProperties":false,"properties":{"env":{"description":"Name of the environment variable that holds the URL.","type":"string","minLength":1},"file":{"description":"Path of the file that holds the URL.","type":"string","minLength":1},"prefix":{"description":"Text put before the value. Default: none.","type":"string","default":""}},"if":{"type":"object"},"then":{"oneOf":[{"required":["env"]},{"required":["file"]}]}};
const schema71 = {"description":"rabbitmq: the exchange, expressions allowed. Default: the default exchange.","type":"string","default":""};
const schema72 = {"description":"rabbitmq: the routing key, expressions allowed. Default: none.","type":"string","default":""};
const schema73 = {"description":"rabbitmq: the queue, expressions allowed; used as routing key on the default exchange when exchange and routing key are empty.","type":"string","default":""};
const schema74 = {"description":"rabbitmq: a message that reaches no queue counts as a failed attempt. Default: false.","type":"boolean","default":false};
const schema75 = {"description":"rabbitmq: path, on the machine that sends, of the PEM file of the authority that signed the broker's certificate, for amqps. Default: the system's.","type":"string","minLength":1};
const func1 = require("ajv/dist/runtime/ucs2length").default;
const func11 = Object.prototype.hasOwnProperty;
const func0 = require("ajv/dist/runtime/equal").default;
const pattern4 = new RegExp("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", "u");
const schema49 = {"title":"RequestHeaders","description":"Header names and their values. A value may hold expressions, or be a secret: `Authorization: {env: TOKEN, prefix: \"Bearer \"}`.","type":"object","x-ignore-case":true,"maxProperties":256,"propertyNames":{"pattern":"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},"properties":{"Authorization":{"$ref":"#/$defs/secret","description":"Credential of the request, best as a secret: `{env: TOKEN, prefix: \"Bearer \"}`."},"Cookie":{"$ref":"#/$defs/secret","description":"Cookies of the request, best as a secret."},"Proxy-Authorization":{"$ref":"#/$defs/secret","description":"Credential for a proxy, best as a secret."},"X-Api-Key":{"$ref":"#/$defs/secret","description":"API key, best as a secret."}},"additionalProperties":{"title":"RequestHeaderValue","description":"Text (expressions allowed), or `{env|file, prefix}` for a secret.","type":["string","number","boolean","object"],"x-secret":"reference","additionalProperties":false,"properties":{"env":{"description":"Name of the environment variable that holds the secret.","type":"string","minLength":1},"file":{"description":"Path of the file that holds the secret.","type":"string","minLength":1},"prefix":{"description":"Text put before the secret, such as `\"Bearer \"`. Default: none.","type":"string","default":""}},"if":{"type":"object"},"then":{"oneOf":[{"required":["env"]},{"required":["file"]}]}}};
const pattern5 = new RegExp("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", "u");

function validate22(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate22.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(Object.keys(data).length > 256){
const err0 = {instancePath,schemaPath:"#/maxProperties",keyword:"maxProperties",params:{limit: 256},message:"must NOT have more than 256 properties",schema:256,parentSchema:schema49,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
const _errs1 = errors;
if(typeof key0 === "string"){
if(!pattern5.test(key0)){
const err1 = {instancePath,schemaPath:"#/propertyNames/pattern",keyword:"pattern",params:{pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},message:"must match pattern \""+"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"+"\"",schema:"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",parentSchema:schema49.propertyNames,data:key0,propertyName:key0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
var valid0 = _errs1 === errors;
if(!valid0){
const err2 = {instancePath,schemaPath:"#/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid",schema:schema49.propertyNames,parentSchema:schema49,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
for(const key1 in data){
if(!((((key1 === "Authorization") || (key1 === "Cookie")) || (key1 === "Proxy-Authorization")) || (key1 === "X-Api-Key"))){
let data0 = data[key1];
if((((typeof data0 !== "string") && (!((typeof data0 == "number") && (isFinite(data0))))) && (typeof data0 !== "boolean")) && (!(data0 && typeof data0 == "object" && !Array.isArray(data0)))){
const err3 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/type",keyword:"type",params:{type: schema49.additionalProperties.type},message:"must be string,number,boolean,object",schema:schema49.additionalProperties.type,parentSchema:schema49.additionalProperties,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
const _errs5 = errors;
let valid2 = true;
const _errs6 = errors;
if(!(data0 && typeof data0 == "object" && !Array.isArray(data0))){
const err4 = {};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
var _valid0 = _errs6 === errors;
errors = _errs5;
if(vErrors !== null){
if(_errs5){
vErrors.length = _errs5;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs8 = errors;
const _errs9 = errors;
let valid3 = false;
let passing0 = null;
const _errs10 = errors;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.env === undefined){
const err5 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema49.additionalProperties.then.oneOf[0].required,parentSchema:schema49.additionalProperties.then.oneOf[0],data:data0};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
var _valid1 = _errs10 === errors;
if(_valid1){
valid3 = true;
passing0 = 0;
}
const _errs11 = errors;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.file === undefined){
const err6 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema49.additionalProperties.then.oneOf[1].required,parentSchema:schema49.additionalProperties.then.oneOf[1],data:data0};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
var _valid1 = _errs11 === errors;
if(_valid1 && valid3){
valid3 = false;
passing0 = [passing0, 1];
}
else {
if(_valid1){
valid3 = true;
passing0 = 1;
}
}
if(!valid3){
const err7 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf",schema:schema49.additionalProperties.then.oneOf,parentSchema:schema49.additionalProperties.then,data:data0};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
else {
errors = _errs9;
if(vErrors !== null){
if(_errs9){
vErrors.length = _errs9;
}
else {
vErrors = null;
}
}
}
var _valid0 = _errs8 === errors;
valid2 = _valid0;
}
if(!valid2){
const err8 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema49.additionalProperties.if,parentSchema:schema49.additionalProperties,data:data0};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
for(const key2 in data0){
if(!(((key2 === "env") || (key2 === "file")) || (key2 === "prefix"))){
const err9 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema49.additionalProperties,data:data0};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data0.env !== undefined){
let data1 = data0.env;
if(typeof data1 === "string"){
if(func1(data1) < 1){
const err10 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/env",schemaPath:"#/additionalProperties/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema49.additionalProperties.properties.env,data:data1};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
else {
const err11 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/env",schemaPath:"#/additionalProperties/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema49.additionalProperties.properties.env.type,parentSchema:schema49.additionalProperties.properties.env,data:data1};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data0.file !== undefined){
let data2 = data0.file;
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err12 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/file",schemaPath:"#/additionalProperties/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema49.additionalProperties.properties.file,data:data2};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
else {
const err13 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/file",schemaPath:"#/additionalProperties/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema49.additionalProperties.properties.file.type,parentSchema:schema49.additionalProperties.properties.file,data:data2};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data0.prefix !== undefined){
let data3 = data0.prefix;
if(typeof data3 !== "string"){
const err14 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/prefix",schemaPath:"#/additionalProperties/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema49.additionalProperties.properties.prefix.type,parentSchema:schema49.additionalProperties.properties.prefix,data:data3};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
}
}
if(data.Authorization !== undefined){
let data4 = data.Authorization;
if((typeof data4 !== "string") && (!(data4 && typeof data4 == "object" && !Array.isArray(data4)))){
const err15 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data4};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
const _errs22 = errors;
let valid7 = true;
const _errs23 = errors;
if(!(data4 && typeof data4 == "object" && !Array.isArray(data4))){
const err16 = {};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
var _valid2 = _errs23 === errors;
errors = _errs22;
if(vErrors !== null){
if(_errs22){
vErrors.length = _errs22;
}
else {
vErrors = null;
}
}
if(_valid2){
const _errs25 = errors;
const _errs26 = errors;
let valid8 = false;
let passing1 = null;
const _errs27 = errors;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.env === undefined){
const err17 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data4};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
var _valid3 = _errs27 === errors;
if(_valid3){
valid8 = true;
passing1 = 0;
}
const _errs28 = errors;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.file === undefined){
const err18 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data4};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
var _valid3 = _errs28 === errors;
if(_valid3 && valid8){
valid8 = false;
passing1 = [passing1, 1];
}
else {
if(_valid3){
valid8 = true;
passing1 = 1;
}
}
if(!valid8){
const err19 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing1},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data4};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
else {
errors = _errs26;
if(vErrors !== null){
if(_errs26){
vErrors.length = _errs26;
}
else {
vErrors = null;
}
}
}
var _valid2 = _errs25 === errors;
valid7 = _valid2;
}
if(!valid7){
const err20 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data4};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key3 in data4){
if(!(((key3 === "env") || (key3 === "file")) || (key3 === "prefix"))){
const err21 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data4};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data4.env !== undefined){
let data5 = data4.env;
if(typeof data5 === "string"){
if(func1(data5) < 1){
const err22 = {instancePath:instancePath+"/Authorization/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data5};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
else {
const err23 = {instancePath:instancePath+"/Authorization/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data5};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data4.file !== undefined){
let data6 = data4.file;
if(typeof data6 === "string"){
if(func1(data6) < 1){
const err24 = {instancePath:instancePath+"/Authorization/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data6};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
else {
const err25 = {instancePath:instancePath+"/Authorization/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data6};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data4.prefix !== undefined){
let data7 = data4.prefix;
if(typeof data7 !== "string"){
const err26 = {instancePath:instancePath+"/Authorization/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data7};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
}
}
if(data.Cookie !== undefined){
let data8 = data.Cookie;
if((typeof data8 !== "string") && (!(data8 && typeof data8 == "object" && !Array.isArray(data8)))){
const err27 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data8};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
const _errs39 = errors;
let valid11 = true;
const _errs40 = errors;
if(!(data8 && typeof data8 == "object" && !Array.isArray(data8))){
const err28 = {};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
var _valid4 = _errs40 === errors;
errors = _errs39;
if(vErrors !== null){
if(_errs39){
vErrors.length = _errs39;
}
else {
vErrors = null;
}
}
if(_valid4){
const _errs42 = errors;
const _errs43 = errors;
let valid12 = false;
let passing2 = null;
const _errs44 = errors;
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
if(data8.env === undefined){
const err29 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data8};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
var _valid5 = _errs44 === errors;
if(_valid5){
valid12 = true;
passing2 = 0;
}
const _errs45 = errors;
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
if(data8.file === undefined){
const err30 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data8};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
var _valid5 = _errs45 === errors;
if(_valid5 && valid12){
valid12 = false;
passing2 = [passing2, 1];
}
else {
if(_valid5){
valid12 = true;
passing2 = 1;
}
}
if(!valid12){
const err31 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing2},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data8};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
else {
errors = _errs43;
if(vErrors !== null){
if(_errs43){
vErrors.length = _errs43;
}
else {
vErrors = null;
}
}
}
var _valid4 = _errs42 === errors;
valid11 = _valid4;
}
if(!valid11){
const err32 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data8};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
for(const key4 in data8){
if(!(((key4 === "env") || (key4 === "file")) || (key4 === "prefix"))){
const err33 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data8};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data8.env !== undefined){
let data9 = data8.env;
if(typeof data9 === "string"){
if(func1(data9) < 1){
const err34 = {instancePath:instancePath+"/Cookie/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data9};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
else {
const err35 = {instancePath:instancePath+"/Cookie/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data9};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data8.file !== undefined){
let data10 = data8.file;
if(typeof data10 === "string"){
if(func1(data10) < 1){
const err36 = {instancePath:instancePath+"/Cookie/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data10};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
else {
const err37 = {instancePath:instancePath+"/Cookie/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data10};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data8.prefix !== undefined){
let data11 = data8.prefix;
if(typeof data11 !== "string"){
const err38 = {instancePath:instancePath+"/Cookie/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data11};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
}
}
if(data["Proxy-Authorization"] !== undefined){
let data12 = data["Proxy-Authorization"];
if((typeof data12 !== "string") && (!(data12 && typeof data12 == "object" && !Array.isArray(data12)))){
const err39 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data12};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
const _errs56 = errors;
let valid15 = true;
const _errs57 = errors;
if(!(data12 && typeof data12 == "object" && !Array.isArray(data12))){
const err40 = {};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
var _valid6 = _errs57 === errors;
errors = _errs56;
if(vErrors !== null){
if(_errs56){
vErrors.length = _errs56;
}
else {
vErrors = null;
}
}
if(_valid6){
const _errs59 = errors;
const _errs60 = errors;
let valid16 = false;
let passing3 = null;
const _errs61 = errors;
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
if(data12.env === undefined){
const err41 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data12};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
var _valid7 = _errs61 === errors;
if(_valid7){
valid16 = true;
passing3 = 0;
}
const _errs62 = errors;
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
if(data12.file === undefined){
const err42 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data12};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
var _valid7 = _errs62 === errors;
if(_valid7 && valid16){
valid16 = false;
passing3 = [passing3, 1];
}
else {
if(_valid7){
valid16 = true;
passing3 = 1;
}
}
if(!valid16){
const err43 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing3},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data12};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
else {
errors = _errs60;
if(vErrors !== null){
if(_errs60){
vErrors.length = _errs60;
}
else {
vErrors = null;
}
}
}
var _valid6 = _errs59 === errors;
valid15 = _valid6;
}
if(!valid15){
const err44 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data12};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
for(const key5 in data12){
if(!(((key5 === "env") || (key5 === "file")) || (key5 === "prefix"))){
const err45 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data12};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
if(data12.env !== undefined){
let data13 = data12.env;
if(typeof data13 === "string"){
if(func1(data13) < 1){
const err46 = {instancePath:instancePath+"/Proxy-Authorization/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data13};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
else {
const err47 = {instancePath:instancePath+"/Proxy-Authorization/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data13};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data12.file !== undefined){
let data14 = data12.file;
if(typeof data14 === "string"){
if(func1(data14) < 1){
const err48 = {instancePath:instancePath+"/Proxy-Authorization/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data14};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
else {
const err49 = {instancePath:instancePath+"/Proxy-Authorization/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data14};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
if(data12.prefix !== undefined){
let data15 = data12.prefix;
if(typeof data15 !== "string"){
const err50 = {instancePath:instancePath+"/Proxy-Authorization/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data15};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
}
}
if(data["X-Api-Key"] !== undefined){
let data16 = data["X-Api-Key"];
if((typeof data16 !== "string") && (!(data16 && typeof data16 == "object" && !Array.isArray(data16)))){
const err51 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data16};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
const _errs73 = errors;
let valid19 = true;
const _errs74 = errors;
if(!(data16 && typeof data16 == "object" && !Array.isArray(data16))){
const err52 = {};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
var _valid8 = _errs74 === errors;
errors = _errs73;
if(vErrors !== null){
if(_errs73){
vErrors.length = _errs73;
}
else {
vErrors = null;
}
}
if(_valid8){
const _errs76 = errors;
const _errs77 = errors;
let valid20 = false;
let passing4 = null;
const _errs78 = errors;
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
if(data16.env === undefined){
const err53 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data16};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
var _valid9 = _errs78 === errors;
if(_valid9){
valid20 = true;
passing4 = 0;
}
const _errs79 = errors;
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
if(data16.file === undefined){
const err54 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data16};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
var _valid9 = _errs79 === errors;
if(_valid9 && valid20){
valid20 = false;
passing4 = [passing4, 1];
}
else {
if(_valid9){
valid20 = true;
passing4 = 1;
}
}
if(!valid20){
const err55 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing4},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data16};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
else {
errors = _errs77;
if(vErrors !== null){
if(_errs77){
vErrors.length = _errs77;
}
else {
vErrors = null;
}
}
}
var _valid8 = _errs76 === errors;
valid19 = _valid8;
}
if(!valid19){
const err56 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data16};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
for(const key6 in data16){
if(!(((key6 === "env") || (key6 === "file")) || (key6 === "prefix"))){
const err57 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data16};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
if(data16.env !== undefined){
let data17 = data16.env;
if(typeof data17 === "string"){
if(func1(data17) < 1){
const err58 = {instancePath:instancePath+"/X-Api-Key/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data17};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
else {
const err59 = {instancePath:instancePath+"/X-Api-Key/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data17};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data16.file !== undefined){
let data18 = data16.file;
if(typeof data18 === "string"){
if(func1(data18) < 1){
const err60 = {instancePath:instancePath+"/X-Api-Key/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data18};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
else {
const err61 = {instancePath:instancePath+"/X-Api-Key/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data18};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data16.prefix !== undefined){
let data19 = data16.prefix;
if(typeof data19 !== "string"){
const err62 = {instancePath:instancePath+"/X-Api-Key/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data19};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
}
}
}
else {
const err63 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema49.type,parentSchema:schema49,data};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
validate22.errors = vErrors;
return errors === 0;
}
validate22.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema55 = {"title":"Signature","description":"http: signs the exact bytes sent, afresh at each attempt, so that the receiver's own library can verify them.","type":"object","additionalProperties":false,"required":["scheme","secret"],"properties":{"scheme":{"description":"Whose signature: `stripe` (Stripe-Signature), `github` (X-Hub-Signature-256, and X-Hub-Signature for older receivers), `slack` (X-Slack-Signature and X-Slack-Request-Timestamp), `standard-webhooks` (webhook-id, webhook-timestamp and webhook-signature), or plain `hmac` over the body in a header of your choice.","enum":["stripe","github","slack","standard-webhooks","hmac"]},"secret":{"$ref":"#/$defs/secret","description":"The signing key. `standard-webhooks`: base64 of the key, usually after `whsec_`."},"previousSecret":{"$ref":"#/$defs/secret","description":"The key before, while rotating. `stripe` and `standard-webhooks` then carry a signature of each key, and so does `hmac`, with a comma between them. `github` and `slack` have room for one, which `secret` makes, as GitHub and Slack do it themselves: there it is the receiver that accepts both keys for a while."},"header":{"description":"`hmac`: name of the header. Default: X-Signature-256.","type":"string","pattern":"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$","default":"X-Signature-256"},"prefix":{"description":"`hmac`: text before the signature, such as `sha256=`. Default: none.","type":"string","default":""},"algorithm":{"description":"`hmac`: hash function. Default: sha256.","enum":["sha1","sha256","sha512"],"default":"sha256"},"encoding":{"description":"`hmac`: how the signature is written. Default: hex.","enum":["hex","base64"],"default":"hex"}}};

function validate24(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate24.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.scheme === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "scheme"},message:"must have required property '"+"scheme"+"'",schema:schema55.required,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.secret === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "secret"},message:"must have required property '"+"secret"+"'",schema:schema55.required,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 in data){
if(!(((((((key0 === "scheme") || (key0 === "secret")) || (key0 === "previousSecret")) || (key0 === "header")) || (key0 === "prefix")) || (key0 === "algorithm")) || (key0 === "encoding"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.scheme !== undefined){
let data0 = data.scheme;
if(!(((((data0 === "stripe") || (data0 === "github")) || (data0 === "slack")) || (data0 === "standard-webhooks")) || (data0 === "hmac"))){
const err3 = {instancePath:instancePath+"/scheme",schemaPath:"#/properties/scheme/enum",keyword:"enum",params:{allowedValues: schema55.properties.scheme.enum},message:"must be equal to one of the allowed values",schema:schema55.properties.scheme.enum,parentSchema:schema55.properties.scheme,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.secret !== undefined){
let data1 = data.secret;
if((typeof data1 !== "string") && (!(data1 && typeof data1 == "object" && !Array.isArray(data1)))){
const err4 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
const _errs6 = errors;
let valid2 = true;
const _errs7 = errors;
if(!(data1 && typeof data1 == "object" && !Array.isArray(data1))){
const err5 = {};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
var _valid0 = _errs7 === errors;
errors = _errs6;
if(vErrors !== null){
if(_errs6){
vErrors.length = _errs6;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs9 = errors;
const _errs10 = errors;
let valid3 = false;
let passing0 = null;
const _errs11 = errors;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(data1.env === undefined){
const err6 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
var _valid1 = _errs11 === errors;
if(_valid1){
valid3 = true;
passing0 = 0;
}
const _errs12 = errors;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(data1.file === undefined){
const err7 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data1};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
var _valid1 = _errs12 === errors;
if(_valid1 && valid3){
valid3 = false;
passing0 = [passing0, 1];
}
else {
if(_valid1){
valid3 = true;
passing0 = 1;
}
}
if(!valid3){
const err8 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data1};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
else {
errors = _errs10;
if(vErrors !== null){
if(_errs10){
vErrors.length = _errs10;
}
else {
vErrors = null;
}
}
}
var _valid0 = _errs9 === errors;
valid2 = _valid0;
}
if(!valid2){
const err9 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data1};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
for(const key1 in data1){
if(!(((key1 === "env") || (key1 === "file")) || (key1 === "prefix"))){
const err10 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data1};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data1.env !== undefined){
let data2 = data1.env;
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err11 = {instancePath:instancePath+"/secret/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data2};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
else {
const err12 = {instancePath:instancePath+"/secret/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data2};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data1.file !== undefined){
let data3 = data1.file;
if(typeof data3 === "string"){
if(func1(data3) < 1){
const err13 = {instancePath:instancePath+"/secret/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data3};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
else {
const err14 = {instancePath:instancePath+"/secret/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data3};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data1.prefix !== undefined){
let data4 = data1.prefix;
if(typeof data4 !== "string"){
const err15 = {instancePath:instancePath+"/secret/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data4};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
}
}
if(data.previousSecret !== undefined){
let data5 = data.previousSecret;
if((typeof data5 !== "string") && (!(data5 && typeof data5 == "object" && !Array.isArray(data5)))){
const err16 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data5};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
const _errs23 = errors;
let valid6 = true;
const _errs24 = errors;
if(!(data5 && typeof data5 == "object" && !Array.isArray(data5))){
const err17 = {};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
var _valid2 = _errs24 === errors;
errors = _errs23;
if(vErrors !== null){
if(_errs23){
vErrors.length = _errs23;
}
else {
vErrors = null;
}
}
if(_valid2){
const _errs26 = errors;
const _errs27 = errors;
let valid7 = false;
let passing1 = null;
const _errs28 = errors;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
if(data5.env === undefined){
const err18 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data5};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
var _valid3 = _errs28 === errors;
if(_valid3){
valid7 = true;
passing1 = 0;
}
const _errs29 = errors;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
if(data5.file === undefined){
const err19 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data5};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
var _valid3 = _errs29 === errors;
if(_valid3 && valid7){
valid7 = false;
passing1 = [passing1, 1];
}
else {
if(_valid3){
valid7 = true;
passing1 = 1;
}
}
if(!valid7){
const err20 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing1},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data5};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
else {
errors = _errs27;
if(vErrors !== null){
if(_errs27){
vErrors.length = _errs27;
}
else {
vErrors = null;
}
}
}
var _valid2 = _errs26 === errors;
valid6 = _valid2;
}
if(!valid6){
const err21 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data5};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key2 in data5){
if(!(((key2 === "env") || (key2 === "file")) || (key2 === "prefix"))){
const err22 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data5};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data5.env !== undefined){
let data6 = data5.env;
if(typeof data6 === "string"){
if(func1(data6) < 1){
const err23 = {instancePath:instancePath+"/previousSecret/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data6};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
else {
const err24 = {instancePath:instancePath+"/previousSecret/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data6};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
if(data5.file !== undefined){
let data7 = data5.file;
if(typeof data7 === "string"){
if(func1(data7) < 1){
const err25 = {instancePath:instancePath+"/previousSecret/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data7};
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
const err26 = {instancePath:instancePath+"/previousSecret/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data7};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data5.prefix !== undefined){
let data8 = data5.prefix;
if(typeof data8 !== "string"){
const err27 = {instancePath:instancePath+"/previousSecret/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data8};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
}
}
if(data.header !== undefined){
let data9 = data.header;
if(typeof data9 === "string"){
if(!pattern5.test(data9)){
const err28 = {instancePath:instancePath+"/header",schemaPath:"#/properties/header/pattern",keyword:"pattern",params:{pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},message:"must match pattern \""+"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"+"\"",schema:"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",parentSchema:schema55.properties.header,data:data9};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
else {
const err29 = {instancePath:instancePath+"/header",schemaPath:"#/properties/header/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema55.properties.header.type,parentSchema:schema55.properties.header,data:data9};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data.prefix !== undefined){
let data10 = data.prefix;
if(typeof data10 !== "string"){
const err30 = {instancePath:instancePath+"/prefix",schemaPath:"#/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema55.properties.prefix.type,parentSchema:schema55.properties.prefix,data:data10};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data.algorithm !== undefined){
let data11 = data.algorithm;
if(!(((data11 === "sha1") || (data11 === "sha256")) || (data11 === "sha512"))){
const err31 = {instancePath:instancePath+"/algorithm",schemaPath:"#/properties/algorithm/enum",keyword:"enum",params:{allowedValues: schema55.properties.algorithm.enum},message:"must be equal to one of the allowed values",schema:schema55.properties.algorithm.enum,parentSchema:schema55.properties.algorithm,data:data11};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data.encoding !== undefined){
let data12 = data.encoding;
if(!((data12 === "hex") || (data12 === "base64"))){
const err32 = {instancePath:instancePath+"/encoding",schemaPath:"#/properties/encoding/enum",keyword:"enum",params:{allowedValues: schema55.properties.encoding.enum},message:"must be equal to one of the allowed values",schema:schema55.properties.encoding.enum,parentSchema:schema55.properties.encoding,data:data12};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
}
else {
const err33 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema55.type,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
validate24.errors = vErrors;
return errors === 0;
}
validate24.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate20(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
/*# sourceURL="admin-webhook.schema.json" */;
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
if(data.apiVersion === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "apiVersion"},message:"must have required property '"+"apiVersion"+"'",schema:schema31.required,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.kind === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "kind"},message:"must have required property '"+"kind"+"'",schema:schema31.required,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(data.metadata === undefined){
const err2 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "metadata"},message:"must have required property '"+"metadata"+"'",schema:schema31.required,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(data.spec === undefined){
const err3 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "spec"},message:"must have required property '"+"spec"+"'",schema:schema31.required,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
for(const key0 in data){
if(!((((key0 === "apiVersion") || (key0 === "kind")) || (key0 === "metadata")) || (key0 === "spec"))){
const err4 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.apiVersion !== undefined){
let data0 = data.apiVersion;
if("callboard/v1" !== data0){
const err5 = {instancePath:instancePath+"/apiVersion",schemaPath:"common.schema.json#/$defs/apiVersion/const",keyword:"const",params:{allowedValue: "callboard/v1"},message:"must be equal to constant",schema:"callboard/v1",parentSchema:schema33,data:data0};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.kind !== undefined){
let data1 = data.kind;
if("AdminWebhook" !== data1){
const err6 = {instancePath:instancePath+"/kind",schemaPath:"#/properties/kind/const",keyword:"const",params:{allowedValue: "AdminWebhook"},message:"must be equal to constant",schema:"AdminWebhook",parentSchema:schema31.properties.kind,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.metadata !== undefined){
let data2 = data.metadata;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
if(data2.name === undefined){
const err7 = {instancePath:instancePath+"/metadata",schemaPath:"#/properties/metadata/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'",schema:schema31.properties.metadata.required,parentSchema:schema31.properties.metadata,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
for(const key1 in data2){
if(!(((key1 === "name") || (key1 === "labels")) || (key1 === "annotations"))){
const err8 = {instancePath:instancePath+"/metadata",schemaPath:"#/properties/metadata/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.metadata,data:data2};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data2.name !== undefined){
let data3 = data2.name;
if(typeof data3 === "string"){
if(func1(data3) > 253){
const err9 = {instancePath:instancePath+"/metadata/name",schemaPath:"common.schema.json#/$defs/resourceName/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema34,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(func1(data3) < 1){
const err10 = {instancePath:instancePath+"/metadata/name",schemaPath:"common.schema.json#/$defs/resourceName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema34,data:data3};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if(!pattern4.test(data3)){
const err11 = {instancePath:instancePath+"/metadata/name",schemaPath:"common.schema.json#/$defs/resourceName/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"},message:"must match pattern \""+"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"+"\"",schema:"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",parentSchema:schema34,data:data3};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
else {
const err12 = {instancePath:instancePath+"/metadata/name",schemaPath:"common.schema.json#/$defs/resourceName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.type,parentSchema:schema34,data:data3};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data2.labels !== undefined){
let data4 = data2.labels;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(Object.keys(data4).length > 64){
const err13 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/maxProperties",keyword:"maxProperties",params:{limit: 64},message:"must NOT have more than 64 properties",schema:64,parentSchema:schema35,data:data4};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
for(const key2 in data4){
const _errs14 = errors;
if(typeof key2 === "string"){
if(func1(key2) > 253){
const err14 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/propertyNames/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema35.propertyNames,data:key2,propertyName:key2};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
if(func1(key2) < 1){
const err15 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/propertyNames/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema35.propertyNames,data:key2,propertyName:key2};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
var valid5 = _errs14 === errors;
if(!valid5){
const err16 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/propertyNames",keyword:"propertyNames",params:{propertyName: key2},message:"property name must be valid",schema:schema35.propertyNames,parentSchema:schema35,data:data4};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
for(const key3 in data4){
let data5 = data4[key3];
if(typeof data5 === "string"){
if(func1(data5) > 1024){
const err17 = {instancePath:instancePath+"/metadata/labels/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/labels/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters",schema:1024,parentSchema:schema35.additionalProperties,data:data5};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
else {
const err18 = {instancePath:instancePath+"/metadata/labels/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/labels/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema35.additionalProperties.type,parentSchema:schema35.additionalProperties,data:data5};
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
const err19 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema35.type,parentSchema:schema35,data:data4};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
if(data2.annotations !== undefined){
let data6 = data2.annotations;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
if(Object.keys(data6).length > 64){
const err20 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/maxProperties",keyword:"maxProperties",params:{limit: 64},message:"must NOT have more than 64 properties",schema:64,parentSchema:schema36,data:data6};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
for(const key4 in data6){
const _errs21 = errors;
if(typeof key4 === "string"){
if(func1(key4) > 253){
const err21 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/propertyNames/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema36.propertyNames,data:key4,propertyName:key4};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(func1(key4) < 1){
const err22 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/propertyNames/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.propertyNames,data:key4,propertyName:key4};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
var valid8 = _errs21 === errors;
if(!valid8){
const err23 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/propertyNames",keyword:"propertyNames",params:{propertyName: key4},message:"property name must be valid",schema:schema36.propertyNames,parentSchema:schema36,data:data6};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
for(const key5 in data6){
if(!((key5 === "callboard/renamed-from") || (key5 === "callboard/faker-seed"))){
let data7 = data6[key5];
if(typeof data7 === "string"){
if(func1(data7) > 65536){
const err24 = {instancePath:instancePath+"/metadata/annotations/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/annotations/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 65536},message:"must NOT have more than 65536 characters",schema:65536,parentSchema:schema36.additionalProperties,data:data7};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
else {
const err25 = {instancePath:instancePath+"/metadata/annotations/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/annotations/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.additionalProperties.type,parentSchema:schema36.additionalProperties,data:data7};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
}
if(data6["callboard/renamed-from"] !== undefined){
let data8 = data6["callboard/renamed-from"];
if(typeof data8 === "string"){
if(func1(data8) < 1){
const err26 = {instancePath:instancePath+"/metadata/annotations/callboard~1renamed-from",schemaPath:"common.schema.json#/$defs/annotations/properties/callboard~1renamed-from/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.properties["callboard/renamed-from"],data:data8};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
else {
const err27 = {instancePath:instancePath+"/metadata/annotations/callboard~1renamed-from",schemaPath:"common.schema.json#/$defs/annotations/properties/callboard~1renamed-from/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.properties["callboard/renamed-from"].type,parentSchema:schema36.properties["callboard/renamed-from"],data:data8};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data6["callboard/faker-seed"] !== undefined){
let data9 = data6["callboard/faker-seed"];
if(typeof data9 === "string"){
if(func1(data9) < 1){
const err28 = {instancePath:instancePath+"/metadata/annotations/callboard~1faker-seed",schemaPath:"common.schema.json#/$defs/annotations/properties/callboard~1faker-seed/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.properties["callboard/faker-seed"],data:data9};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
else {
const err29 = {instancePath:instancePath+"/metadata/annotations/callboard~1faker-seed",schemaPath:"common.schema.json#/$defs/annotations/properties/callboard~1faker-seed/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.properties["callboard/faker-seed"].type,parentSchema:schema36.properties["callboard/faker-seed"],data:data9};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
}
else {
const err30 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema36.type,parentSchema:schema36,data:data6};
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
const err31 = {instancePath:instancePath+"/metadata",schemaPath:"#/properties/metadata/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.metadata.type,parentSchema:schema31.properties.metadata,data:data2};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data.spec !== undefined){
let data10 = data.spec;
const _errs33 = errors;
let valid13 = true;
const _errs34 = errors;
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
let missing0;
if((data10.type === undefined) && (missing0 = "type")){
const err32 = {};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
else {
if(data10.type !== undefined){
if("kafka" !== data10.type){
const err33 = {};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
}
}
var _valid0 = _errs34 === errors;
errors = _errs33;
if(vErrors !== null){
if(_errs33){
vErrors.length = _errs33;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs36 = errors;
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
if(data10.kafkaBrokers === undefined){
const err34 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/0/then/required",keyword:"required",params:{missingProperty: "kafkaBrokers"},message:"must have required property '"+"kafkaBrokers"+"'",schema:schema37.then.required,parentSchema:schema37.then,data:data10};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
if(data10.kafkaTopic === undefined){
const err35 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/0/then/required",keyword:"required",params:{missingProperty: "kafkaTopic"},message:"must have required property '"+"kafkaTopic"+"'",schema:schema37.then.required,parentSchema:schema37.then,data:data10};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
var _valid0 = _errs36 === errors;
valid13 = _valid0;
}
if(!valid13){
const err36 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/0/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema37.if,parentSchema:schema37,data:data10};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
const _errs39 = errors;
let valid16 = true;
const _errs40 = errors;
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
let missing1;
if((data10.type === undefined) && (missing1 = "type")){
const err37 = {};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
else {
if(data10.type !== undefined){
if("rabbitmq" !== data10.type){
const err38 = {};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
}
}
var _valid1 = _errs40 === errors;
errors = _errs39;
if(vErrors !== null){
if(_errs39){
vErrors.length = _errs39;
}
else {
vErrors = null;
}
}
if(_valid1){
const _errs42 = errors;
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
if(data10.rabbitURL === undefined){
const err39 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/1/then/required",keyword:"required",params:{missingProperty: "rabbitURL"},message:"must have required property '"+"rabbitURL"+"'",schema:schema38.then.required,parentSchema:schema38.then,data:data10};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
var _valid1 = _errs42 === errors;
valid16 = _valid1;
}
if(!valid16){
const err40 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/1/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema38.if,parentSchema:schema38,data:data10};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
const _errs45 = errors;
let valid19 = true;
const _errs46 = errors;
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
if(data10.type !== undefined){
if("http" !== data10.type){
const err41 = {};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
}
var _valid2 = _errs46 === errors;
errors = _errs45;
if(vErrors !== null){
if(_errs45){
vErrors.length = _errs45;
}
else {
vErrors = null;
}
}
if(_valid2){
const _errs48 = errors;
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
if(data10.url === undefined){
const err42 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/2/then/required",keyword:"required",params:{missingProperty: "url"},message:"must have required property '"+"url"+"'",schema:schema39.then.required,parentSchema:schema39.then,data:data10};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
var _valid2 = _errs48 === errors;
valid19 = _valid2;
}
if(!valid19){
const err43 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/2/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema39.if,parentSchema:schema39,data:data10};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
const _errs51 = errors;
let valid22 = true;
const _errs52 = errors;
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
let missing2;
if((data10.kafkaUseSASL === undefined) && (missing2 = "kafkaUseSASL")){
const err44 = {};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
else {
if(data10.kafkaUseSASL !== undefined){
if(true !== data10.kafkaUseSASL){
const err45 = {};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
}
}
var _valid3 = _errs52 === errors;
errors = _errs51;
if(vErrors !== null){
if(_errs51){
vErrors.length = _errs51;
}
else {
vErrors = null;
}
}
if(_valid3){
const _errs54 = errors;
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
if(data10.kafkaUsername === undefined){
const err46 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/3/then/required",keyword:"required",params:{missingProperty: "kafkaUsername"},message:"must have required property '"+"kafkaUsername"+"'",schema:schema40.then.required,parentSchema:schema40.then,data:data10};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
if(data10.kafkaPassword === undefined){
const err47 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/3/then/required",keyword:"required",params:{missingProperty: "kafkaPassword"},message:"must have required property '"+"kafkaPassword"+"'",schema:schema40.then.required,parentSchema:schema40.then,data:data10};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
var _valid3 = _errs54 === errors;
valid22 = _valid3;
}
if(!valid22){
const err48 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/3/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema40.if,parentSchema:schema40,data:data10};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
if(data10.operation === undefined){
const err49 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/required",keyword:"required",params:{missingProperty: "operation"},message:"must have required property '"+"operation"+"'",schema:schema31.properties.spec.required,parentSchema:schema31.properties.spec,data:data10};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
for(const key6 in data10){
if(!(func11.call(schema31.properties.spec.properties, key6))){
const err50 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.spec,data:data10};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
if(data10.operation !== undefined){
let data15 = data10.operation;
if((typeof data15 !== "string") && (!(Array.isArray(data15)))){
const err51 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/properties/spec/properties/operation/type",keyword:"type",params:{type: schema31.properties.spec.properties.operation.type},message:"must be string,array",schema:schema31.properties.spec.properties.operation.type,parentSchema:schema31.properties.spec.properties.operation,data:data15};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
const _errs58 = errors;
let valid25 = true;
const _errs59 = errors;
if(!(Array.isArray(data15))){
const err52 = {};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
var _valid4 = _errs59 === errors;
errors = _errs58;
if(vErrors !== null){
if(_errs58){
vErrors.length = _errs58;
}
else {
vErrors = null;
}
}
let ifClause0;
if(_valid4){
const _errs61 = errors;
if(Array.isArray(data15)){
if(data15.length > 64){
const err53 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/properties/spec/properties/operation/then/maxItems",keyword:"maxItems",params:{limit: 64},message:"must NOT have more than 64 items",schema:64,parentSchema:schema31.properties.spec.properties.operation.then,data:data15};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
if(data15.length < 1){
const err54 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/properties/spec/properties/operation/then/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema31.properties.spec.properties.operation.then,data:data15};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
const len0 = data15.length;
for(let i0=0; i0<len0; i0++){
let data16 = data15[i0];
if(typeof data16 !== "string"){
const err55 = {instancePath:instancePath+"/spec/operation/" + i0,schemaPath:"#/$defs/operation/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema41.type,parentSchema:schema41,data:data16};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
if(!((((((((((((((data16 === "namespace.create") || (data16 === "namespace.delete")) || (data16 === "namespace.update")) || (data16 === "namespace.user.add")) || (data16 === "user.create")) || (data16 === "user.delete")) || (data16 === "user.update")) || (data16 === "user.password.set")) || (data16 === "job.run")) || (data16 === "backup.create")) || (data16 === "backup.restore")) || (data16 === "license.create")) || (data16 === "license.update")) || (data16 === "license.delete"))){
const err56 = {instancePath:instancePath+"/spec/operation/" + i0,schemaPath:"#/$defs/operation/enum",keyword:"enum",params:{allowedValues: schema41.enum},message:"must be equal to one of the allowed values",schema:schema41.enum,parentSchema:schema41,data:data16};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
let i1 = data15.length;
let j0;
if(i1 > 1){
outer0:
for(;i1--;){
for(j0 = i1; j0--;){
if(func0(data15[i1], data15[j0])){
const err57 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/properties/spec/properties/operation/then/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0},message:"must NOT have duplicate items (items ## "+j0+" and "+i1+" are identical)",schema:true,parentSchema:schema31.properties.spec.properties.operation.then,data:data15};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
break outer0;
}
}
}
}
}
var _valid4 = _errs61 === errors;
valid25 = _valid4;
ifClause0 = "then";
}
else {
const _errs65 = errors;
if(typeof data15 !== "string"){
const err58 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/$defs/operation/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema41.type,parentSchema:schema41,data:data15};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
if(!((((((((((((((data15 === "namespace.create") || (data15 === "namespace.delete")) || (data15 === "namespace.update")) || (data15 === "namespace.user.add")) || (data15 === "user.create")) || (data15 === "user.delete")) || (data15 === "user.update")) || (data15 === "user.password.set")) || (data15 === "job.run")) || (data15 === "backup.create")) || (data15 === "backup.restore")) || (data15 === "license.create")) || (data15 === "license.update")) || (data15 === "license.delete"))){
const err59 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/$defs/operation/enum",keyword:"enum",params:{allowedValues: schema41.enum},message:"must be equal to one of the allowed values",schema:schema41.enum,parentSchema:schema41,data:data15};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
var _valid4 = _errs65 === errors;
valid25 = _valid4;
ifClause0 = "else";
}
if(!valid25){
const err60 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/properties/spec/properties/operation/if",keyword:"if",params:{failingKeyword: ifClause0},message:"must match \""+ifClause0+"\" schema",schema:schema31.properties.spec.properties.operation.if,parentSchema:schema31.properties.spec.properties.operation,data:data15};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
if(data10.enabled !== undefined){
let data17 = data10.enabled;
if(typeof data17 !== "boolean"){
const err61 = {instancePath:instancePath+"/spec/enabled",schemaPath:"#/properties/spec/properties/enabled/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema31.properties.spec.properties.enabled.type,parentSchema:schema31.properties.spec.properties.enabled,data:data17};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data10.type !== undefined){
let data18 = data10.type;
if(!(((data18 === "http") || (data18 === "kafka")) || (data18 === "rabbitmq"))){
const err62 = {instancePath:instancePath+"/spec/type",schemaPath:"common.schema.json#/$defs/callback/properties/type/enum",keyword:"enum",params:{allowedValues: schema43.enum},message:"must be equal to one of the allowed values",schema:schema43.enum,parentSchema:schema43,data:data18};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
if(data10.delay !== undefined){
let data19 = data10.delay;
if((typeof data19 == "number") && (isFinite(data19))){
if(data19 < 0 || isNaN(data19)){
const err63 = {instancePath:instancePath+"/spec/delay",schemaPath:"common.schema.json#/$defs/callback/properties/delay/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema44,data:data19};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
else {
const err64 = {instancePath:instancePath+"/spec/delay",schemaPath:"common.schema.json#/$defs/callback/properties/delay/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema44.type,parentSchema:schema44,data:data19};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
}
if(data10.timeout !== undefined){
let data20 = data10.timeout;
if((typeof data20 == "number") && (isFinite(data20))){
if(data20 <= 0 || isNaN(data20)){
const err65 = {instancePath:instancePath+"/spec/timeout",schemaPath:"common.schema.json#/$defs/callback/properties/timeout/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema45,data:data20};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
else {
const err66 = {instancePath:instancePath+"/spec/timeout",schemaPath:"common.schema.json#/$defs/callback/properties/timeout/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema45.type,parentSchema:schema45,data:data20};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
}
if(data10.retryCount !== undefined){
let data21 = data10.retryCount;
if(!(((typeof data21 == "number") && (!(data21 % 1) && !isNaN(data21))) && (isFinite(data21)))){
const err67 = {instancePath:instancePath+"/spec/retryCount",schemaPath:"common.schema.json#/$defs/callback/properties/retryCount/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema46.type,parentSchema:schema46,data:data21};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
if((typeof data21 == "number") && (isFinite(data21))){
if(data21 > 1000 || isNaN(data21)){
const err68 = {instancePath:instancePath+"/spec/retryCount",schemaPath:"common.schema.json#/$defs/callback/properties/retryCount/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000},message:"must be <= 1000",schema:1000,parentSchema:schema46,data:data21};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
if(data21 < 0 || isNaN(data21)){
const err69 = {instancePath:instancePath+"/spec/retryCount",schemaPath:"common.schema.json#/$defs/callback/properties/retryCount/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema46,data:data21};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
}
}
if(data10.retryDelay !== undefined){
let data22 = data10.retryDelay;
if((typeof data22 == "number") && (isFinite(data22))){
if(data22 < 0 || isNaN(data22)){
const err70 = {instancePath:instancePath+"/spec/retryDelay",schemaPath:"common.schema.json#/$defs/callback/properties/retryDelay/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema47,data:data22};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
else {
const err71 = {instancePath:instancePath+"/spec/retryDelay",schemaPath:"common.schema.json#/$defs/callback/properties/retryDelay/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema47.type,parentSchema:schema47,data:data22};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
if(data10.retryPolicy !== undefined){
let data23 = data10.retryPolicy;
if(!((data23 === "fixed") || (data23 === "exponential"))){
const err72 = {instancePath:instancePath+"/spec/retryPolicy",schemaPath:"common.schema.json#/$defs/callback/properties/retryPolicy/enum",keyword:"enum",params:{allowedValues: schema48.enum},message:"must be equal to one of the allowed values",schema:schema48.enum,parentSchema:schema48,data:data23};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
if(data10.headers !== undefined){
if(!(validate22(data10.headers, {instancePath:instancePath+"/spec/headers",parentData:data10,parentDataProperty:"headers",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate22.errors : vErrors.concat(validate22.errors);
errors = vErrors.length;
}
}
if(data10.sign !== undefined){
if(!(validate24(data10.sign, {instancePath:instancePath+"/spec/sign",parentData:data10,parentDataProperty:"sign",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate24.errors : vErrors.concat(validate24.errors);
errors = vErrors.length;
}
}
if(data10.breaker !== undefined){
let data27 = data10.breaker;
if(typeof data27 !== "boolean"){
const err73 = {instancePath:instancePath+"/spec/breaker",schemaPath:"common.schema.json#/$defs/callback/properties/breaker/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema58.type,parentSchema:schema58,data:data27};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data10.url !== undefined){
let data28 = data10.url;
if((typeof data28 !== "string") && (!(data28 && typeof data28 == "object" && !Array.isArray(data28)))){
const err74 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/type",keyword:"type",params:{type: schema59.type},message:"must be string,object",schema:schema59.type,parentSchema:schema59,data:data28};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
const _errs95 = errors;
let valid40 = true;
const _errs96 = errors;
if(!(data28 && typeof data28 == "object" && !Array.isArray(data28))){
const err75 = {};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
var _valid5 = _errs96 === errors;
errors = _errs95;
if(vErrors !== null){
if(_errs95){
vErrors.length = _errs95;
}
else {
vErrors = null;
}
}
if(_valid5){
const _errs98 = errors;
const _errs99 = errors;
let valid41 = false;
let passing0 = null;
const _errs100 = errors;
if(data28 && typeof data28 == "object" && !Array.isArray(data28)){
if(data28.env === undefined){
const err76 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema59.then.oneOf[0].required,parentSchema:schema59.then.oneOf[0],data:data28};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
}
var _valid6 = _errs100 === errors;
if(_valid6){
valid41 = true;
passing0 = 0;
}
const _errs101 = errors;
if(data28 && typeof data28 == "object" && !Array.isArray(data28)){
if(data28.file === undefined){
const err77 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema59.then.oneOf[1].required,parentSchema:schema59.then.oneOf[1],data:data28};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
var _valid6 = _errs101 === errors;
if(_valid6 && valid41){
valid41 = false;
passing0 = [passing0, 1];
}
else {
if(_valid6){
valid41 = true;
passing0 = 1;
}
}
if(!valid41){
const err78 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf",schema:schema59.then.oneOf,parentSchema:schema59.then,data:data28};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
else {
errors = _errs99;
if(vErrors !== null){
if(_errs99){
vErrors.length = _errs99;
}
else {
vErrors = null;
}
}
}
var _valid5 = _errs98 === errors;
valid40 = _valid5;
}
if(!valid40){
const err79 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema59.if,parentSchema:schema59,data:data28};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
if(typeof data28 === "string"){
if(func1(data28) < 1){
const err80 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema59,data:data28};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
if(data28 && typeof data28 == "object" && !Array.isArray(data28)){
for(const key7 in data28){
if(!(((key7 === "env") || (key7 === "file")) || (key7 === "prefix"))){
const err81 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties",schema:false,parentSchema:schema59,data:data28};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
if(data28.env !== undefined){
let data29 = data28.env;
if(typeof data29 === "string"){
if(func1(data29) < 1){
const err82 = {instancePath:instancePath+"/spec/url/env",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema59.properties.env,data:data29};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
else {
const err83 = {instancePath:instancePath+"/spec/url/env",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema59.properties.env.type,parentSchema:schema59.properties.env,data:data29};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
}
if(data28.file !== undefined){
let data30 = data28.file;
if(typeof data30 === "string"){
if(func1(data30) < 1){
const err84 = {instancePath:instancePath+"/spec/url/file",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema59.properties.file,data:data30};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
}
else {
const err85 = {instancePath:instancePath+"/spec/url/file",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema59.properties.file.type,parentSchema:schema59.properties.file,data:data30};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
}
if(data28.prefix !== undefined){
let data31 = data28.prefix;
if(typeof data31 !== "string"){
const err86 = {instancePath:instancePath+"/spec/url/prefix",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema59.properties.prefix.type,parentSchema:schema59.properties.prefix,data:data31};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
}
}
if(data10.method !== undefined){
let data32 = data10.method;
if(!(((((data32 === "POST") || (data32 === "PUT")) || (data32 === "PATCH")) || (data32 === "DELETE")) || (data32 === "GET"))){
const err87 = {instancePath:instancePath+"/spec/method",schemaPath:"common.schema.json#/$defs/callback/properties/method/enum",keyword:"enum",params:{allowedValues: schema60.enum},message:"must be equal to one of the allowed values",schema:schema60.enum,parentSchema:schema60,data:data32};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
if(data10.kafkaBrokers !== undefined){
let data33 = data10.kafkaBrokers;
if(typeof data33 === "string"){
if(func1(data33) < 1){
const err88 = {instancePath:instancePath+"/spec/kafkaBrokers",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaBrokers/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema61,data:data33};
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
const err89 = {instancePath:instancePath+"/spec/kafkaBrokers",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaBrokers/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema61.type,parentSchema:schema61,data:data33};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
}
if(data10.kafkaTopic !== undefined){
let data34 = data10.kafkaTopic;
if(typeof data34 === "string"){
if(func1(data34) < 1){
const err90 = {instancePath:instancePath+"/spec/kafkaTopic",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaTopic/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema62,data:data34};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
else {
const err91 = {instancePath:instancePath+"/spec/kafkaTopic",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaTopic/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema62.type,parentSchema:schema62,data:data34};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
}
if(data10.kafkaKey !== undefined){
let data35 = data10.kafkaKey;
if(typeof data35 !== "string"){
const err92 = {instancePath:instancePath+"/spec/kafkaKey",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaKey/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema63.type,parentSchema:schema63,data:data35};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
}
if(data10.kafkaUseSASL !== undefined){
let data36 = data10.kafkaUseSASL;
if(typeof data36 !== "boolean"){
const err93 = {instancePath:instancePath+"/spec/kafkaUseSASL",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaUseSASL/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema64.type,parentSchema:schema64,data:data36};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
}
if(data10.kafkaSaslMechanism !== undefined){
let data37 = data10.kafkaSaslMechanism;
if(!(((data37 === "plain") || (data37 === "scram-sha-256")) || (data37 === "scram-sha-512"))){
const err94 = {instancePath:instancePath+"/spec/kafkaSaslMechanism",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaSaslMechanism/enum",keyword:"enum",params:{allowedValues: schema65.enum},message:"must be equal to one of the allowed values",schema:schema65.enum,parentSchema:schema65,data:data37};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
}
if(data10.kafkaUsername !== undefined){
let data38 = data10.kafkaUsername;
if(typeof data38 !== "string"){
const err95 = {instancePath:instancePath+"/spec/kafkaUsername",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaUsername/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema66.type,parentSchema:schema66,data:data38};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
if(data10.kafkaPassword !== undefined){
let data39 = data10.kafkaPassword;
if((typeof data39 !== "string") && (!(data39 && typeof data39 == "object" && !Array.isArray(data39)))){
const err96 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data39};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
const _errs131 = errors;
let valid51 = true;
const _errs132 = errors;
if(!(data39 && typeof data39 == "object" && !Array.isArray(data39))){
const err97 = {};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
var _valid7 = _errs132 === errors;
errors = _errs131;
if(vErrors !== null){
if(_errs131){
vErrors.length = _errs131;
}
else {
vErrors = null;
}
}
if(_valid7){
const _errs134 = errors;
const _errs135 = errors;
let valid52 = false;
let passing1 = null;
const _errs136 = errors;
if(data39 && typeof data39 == "object" && !Array.isArray(data39)){
if(data39.env === undefined){
const err98 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data39};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
}
var _valid8 = _errs136 === errors;
if(_valid8){
valid52 = true;
passing1 = 0;
}
const _errs137 = errors;
if(data39 && typeof data39 == "object" && !Array.isArray(data39)){
if(data39.file === undefined){
const err99 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data39};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
}
var _valid8 = _errs137 === errors;
if(_valid8 && valid52){
valid52 = false;
passing1 = [passing1, 1];
}
else {
if(_valid8){
valid52 = true;
passing1 = 1;
}
}
if(!valid52){
const err100 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing1},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data39};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
else {
errors = _errs135;
if(vErrors !== null){
if(_errs135){
vErrors.length = _errs135;
}
else {
vErrors = null;
}
}
}
var _valid7 = _errs134 === errors;
valid51 = _valid7;
}
if(!valid51){
const err101 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data39};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
if(data39 && typeof data39 == "object" && !Array.isArray(data39)){
for(const key8 in data39){
if(!(((key8 === "env") || (key8 === "file")) || (key8 === "prefix"))){
const err102 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data39};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
}
if(data39.env !== undefined){
let data40 = data39.env;
if(typeof data40 === "string"){
if(func1(data40) < 1){
const err103 = {instancePath:instancePath+"/spec/kafkaPassword/env",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data40};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
}
else {
const err104 = {instancePath:instancePath+"/spec/kafkaPassword/env",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data40};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
}
if(data39.file !== undefined){
let data41 = data39.file;
if(typeof data41 === "string"){
if(func1(data41) < 1){
const err105 = {instancePath:instancePath+"/spec/kafkaPassword/file",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data41};
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
const err106 = {instancePath:instancePath+"/spec/kafkaPassword/file",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data41};
if(vErrors === null){
vErrors = [err106];
}
else {
vErrors.push(err106);
}
errors++;
}
}
if(data39.prefix !== undefined){
let data42 = data39.prefix;
if(typeof data42 !== "string"){
const err107 = {instancePath:instancePath+"/spec/kafkaPassword/prefix",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data42};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
}
}
}
if(data10.kafkaUseTLS !== undefined){
let data43 = data10.kafkaUseTLS;
if(typeof data43 !== "boolean"){
const err108 = {instancePath:instancePath+"/spec/kafkaUseTLS",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaUseTLS/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema68.type,parentSchema:schema68,data:data43};
if(vErrors === null){
vErrors = [err108];
}
else {
vErrors.push(err108);
}
errors++;
}
}
if(data10.kafkaCa !== undefined){
let data44 = data10.kafkaCa;
if(typeof data44 === "string"){
if(func1(data44) < 1){
const err109 = {instancePath:instancePath+"/spec/kafkaCa",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaCa/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema69,data:data44};
if(vErrors === null){
vErrors = [err109];
}
else {
vErrors.push(err109);
}
errors++;
}
}
else {
const err110 = {instancePath:instancePath+"/spec/kafkaCa",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaCa/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema69.type,parentSchema:schema69,data:data44};
if(vErrors === null){
vErrors = [err110];
}
else {
vErrors.push(err110);
}
errors++;
}
}
if(data10.rabbitURL !== undefined){
let data45 = data10.rabbitURL;
if((typeof data45 !== "string") && (!(data45 && typeof data45 == "object" && !Array.isArray(data45)))){
const err111 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/type",keyword:"type",params:{type: schema70.type},message:"must be string,object",schema:schema70.type,parentSchema:schema70,data:data45};
if(vErrors === null){
vErrors = [err111];
}
else {
vErrors.push(err111);
}
errors++;
}
const _errs154 = errors;
let valid57 = true;
const _errs155 = errors;
if(!(data45 && typeof data45 == "object" && !Array.isArray(data45))){
const err112 = {};
if(vErrors === null){
vErrors = [err112];
}
else {
vErrors.push(err112);
}
errors++;
}
var _valid9 = _errs155 === errors;
errors = _errs154;
if(vErrors !== null){
if(_errs154){
vErrors.length = _errs154;
}
else {
vErrors = null;
}
}
if(_valid9){
const _errs157 = errors;
const _errs158 = errors;
let valid58 = false;
let passing2 = null;
const _errs159 = errors;
if(data45 && typeof data45 == "object" && !Array.isArray(data45)){
if(data45.env === undefined){
const err113 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema70.then.oneOf[0].required,parentSchema:schema70.then.oneOf[0],data:data45};
if(vErrors === null){
vErrors = [err113];
}
else {
vErrors.push(err113);
}
errors++;
}
}
var _valid10 = _errs159 === errors;
if(_valid10){
valid58 = true;
passing2 = 0;
}
const _errs160 = errors;
if(data45 && typeof data45 == "object" && !Array.isArray(data45)){
if(data45.file === undefined){
const err114 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema70.then.oneOf[1].required,parentSchema:schema70.then.oneOf[1],data:data45};
if(vErrors === null){
vErrors = [err114];
}
else {
vErrors.push(err114);
}
errors++;
}
}
var _valid10 = _errs160 === errors;
if(_valid10 && valid58){
valid58 = false;
passing2 = [passing2, 1];
}
else {
if(_valid10){
valid58 = true;
passing2 = 1;
}
}
if(!valid58){
const err115 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing2},message:"must match exactly one schema in oneOf",schema:schema70.then.oneOf,parentSchema:schema70.then,data:data45};
if(vErrors === null){
vErrors = [err115];
}
else {
vErrors.push(err115);
}
errors++;
}
else {
errors = _errs158;
if(vErrors !== null){
if(_errs158){
vErrors.length = _errs158;
}
else {
vErrors = null;
}
}
}
var _valid9 = _errs157 === errors;
valid57 = _valid9;
}
if(!valid57){
const err116 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema70.if,parentSchema:schema70,data:data45};
if(vErrors === null){
vErrors = [err116];
}
else {
vErrors.push(err116);
}
errors++;
}
if(typeof data45 === "string"){
if(func1(data45) < 1){
const err117 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema70,data:data45};
if(vErrors === null){
vErrors = [err117];
}
else {
vErrors.push(err117);
}
errors++;
}
}
if(data45 && typeof data45 == "object" && !Array.isArray(data45)){
for(const key9 in data45){
if(!(((key9 === "env") || (key9 === "file")) || (key9 === "prefix"))){
const err118 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key9},message:"must NOT have additional properties",schema:false,parentSchema:schema70,data:data45};
if(vErrors === null){
vErrors = [err118];
}
else {
vErrors.push(err118);
}
errors++;
}
}
if(data45.env !== undefined){
let data46 = data45.env;
if(typeof data46 === "string"){
if(func1(data46) < 1){
const err119 = {instancePath:instancePath+"/spec/rabbitURL/env",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema70.properties.env,data:data46};
if(vErrors === null){
vErrors = [err119];
}
else {
vErrors.push(err119);
}
errors++;
}
}
else {
const err120 = {instancePath:instancePath+"/spec/rabbitURL/env",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema70.properties.env.type,parentSchema:schema70.properties.env,data:data46};
if(vErrors === null){
vErrors = [err120];
}
else {
vErrors.push(err120);
}
errors++;
}
}
if(data45.file !== undefined){
let data47 = data45.file;
if(typeof data47 === "string"){
if(func1(data47) < 1){
const err121 = {instancePath:instancePath+"/spec/rabbitURL/file",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema70.properties.file,data:data47};
if(vErrors === null){
vErrors = [err121];
}
else {
vErrors.push(err121);
}
errors++;
}
}
else {
const err122 = {instancePath:instancePath+"/spec/rabbitURL/file",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema70.properties.file.type,parentSchema:schema70.properties.file,data:data47};
if(vErrors === null){
vErrors = [err122];
}
else {
vErrors.push(err122);
}
errors++;
}
}
if(data45.prefix !== undefined){
let data48 = data45.prefix;
if(typeof data48 !== "string"){
const err123 = {instancePath:instancePath+"/spec/rabbitURL/prefix",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema70.properties.prefix.type,parentSchema:schema70.properties.prefix,data:data48};
if(vErrors === null){
vErrors = [err123];
}
else {
vErrors.push(err123);
}
errors++;
}
}
}
}
if(data10.rabbitExchange !== undefined){
let data49 = data10.rabbitExchange;
if(typeof data49 !== "string"){
const err124 = {instancePath:instancePath+"/spec/rabbitExchange",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitExchange/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema71.type,parentSchema:schema71,data:data49};
if(vErrors === null){
vErrors = [err124];
}
else {
vErrors.push(err124);
}
errors++;
}
}
if(data10.rabbitRoutingKey !== undefined){
let data50 = data10.rabbitRoutingKey;
if(typeof data50 !== "string"){
const err125 = {instancePath:instancePath+"/spec/rabbitRoutingKey",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitRoutingKey/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema72.type,parentSchema:schema72,data:data50};
if(vErrors === null){
vErrors = [err125];
}
else {
vErrors.push(err125);
}
errors++;
}
}
if(data10.rabbitQueue !== undefined){
let data51 = data10.rabbitQueue;
if(typeof data51 !== "string"){
const err126 = {instancePath:instancePath+"/spec/rabbitQueue",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitQueue/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema73.type,parentSchema:schema73,data:data51};
if(vErrors === null){
vErrors = [err126];
}
else {
vErrors.push(err126);
}
errors++;
}
}
if(data10.rabbitMandatory !== undefined){
let data52 = data10.rabbitMandatory;
if(typeof data52 !== "boolean"){
const err127 = {instancePath:instancePath+"/spec/rabbitMandatory",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitMandatory/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema74.type,parentSchema:schema74,data:data52};
if(vErrors === null){
vErrors = [err127];
}
else {
vErrors.push(err127);
}
errors++;
}
}
if(data10.rabbitCa !== undefined){
let data53 = data10.rabbitCa;
if(typeof data53 === "string"){
if(func1(data53) < 1){
const err128 = {instancePath:instancePath+"/spec/rabbitCa",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitCa/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema75,data:data53};
if(vErrors === null){
vErrors = [err128];
}
else {
vErrors.push(err128);
}
errors++;
}
}
else {
const err129 = {instancePath:instancePath+"/spec/rabbitCa",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitCa/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema75.type,parentSchema:schema75,data:data53};
if(vErrors === null){
vErrors = [err129];
}
else {
vErrors.push(err129);
}
errors++;
}
}
}
else {
const err130 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.spec.type,parentSchema:schema31.properties.spec,data:data10};
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
else {
const err131 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.type,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err131];
}
else {
vErrors.push(err131);
}
errors++;
}
validate20.errors = vErrors;
return errors === 0;
}
validate20.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const validateCallback = validate26;
const schema76 = {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"callback.schema.json","title":"Callback","description":"Something sent out after mocks have answered: one declaration, attached to many mocks by a selector. The same fields as an entry of a mock's `webhooks`.","type":"object","additionalProperties":false,"required":["apiVersion","kind","metadata","spec"],"properties":{"apiVersion":{"$ref":"common.schema.json#/$defs/apiVersion"},"kind":{"description":"The kind of resource.","const":"Callback"},"metadata":{"$ref":"common.schema.json#/$defs/metadata","description":"What the callback is called and where it belongs. `name` is required."},"spec":{"title":"CallbackSpec","description":"What is sent, when, and for which mocks.","type":"object","additionalProperties":false,"required":["selector"],"properties":{"selector":{"title":"CallbackSelector","description":"Which mocks of its namespace it is attached to: those that fit everything given here. `{}` selects them all.","type":"object","additionalProperties":false,"properties":{"mocks":{"description":"Names of mocks; one of them is enough.","type":"array","minItems":1,"maxItems":10000,"items":{"description":"Name of a mock.","$ref":"common.schema.json#/$defs/resourceName"}},"matchLabels":{"$ref":"common.schema.json#/$defs/labels","description":"Labels that a mock has with these values, all of them."},"tags":{"description":"Tags that a mock has, all of them.","type":"array","minItems":1,"maxItems":256,"items":{"description":"A tag.","type":"string","minLength":1}}}},"type":{"$ref":"common.schema.json#/$defs/callback/properties/type"},"trigger":{"$ref":"common.schema.json#/$defs/callback/properties/trigger"},"conditions":{"$ref":"common.schema.json#/$defs/callback/properties/conditions"},"delay":{"$ref":"common.schema.json#/$defs/callback/properties/delay"},"async":{"$ref":"common.schema.json#/$defs/callback/properties/async"},"timeout":{"$ref":"common.schema.json#/$defs/callback/properties/timeout"},"retryCount":{"$ref":"common.schema.json#/$defs/callback/properties/retryCount"},"retryDelay":{"$ref":"common.schema.json#/$defs/callback/properties/retryDelay"},"retryPolicy":{"$ref":"common.schema.json#/$defs/callback/properties/retryPolicy"},"headers":{"$ref":"common.schema.json#/$defs/callback/properties/headers"},"body":{"$ref":"common.schema.json#/$defs/callback/properties/body"},"sign":{"$ref":"common.schema.json#/$defs/callback/properties/sign"},"durability":{"$ref":"common.schema.json#/$defs/callback/properties/durability"},"breaker":{"$ref":"common.schema.json#/$defs/callback/properties/breaker"},"url":{"$ref":"common.schema.json#/$defs/callback/properties/url"},"method":{"$ref":"common.schema.json#/$defs/callback/properties/method"},"kafkaBrokers":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaBrokers"},"kafkaTopic":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaTopic"},"kafkaKey":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaKey"},"kafkaUseSASL":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaUseSASL"},"kafkaSaslMechanism":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaSaslMechanism"},"kafkaUsername":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaUsername"},"kafkaPassword":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaPassword"},"kafkaUseTLS":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaUseTLS"},"kafkaCa":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaCa"},"rabbitURL":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitURL"},"rabbitExchange":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitExchange"},"rabbitRoutingKey":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitRoutingKey"},"rabbitQueue":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitQueue"},"rabbitMandatory":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitMandatory"},"rabbitCa":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitCa"}},"allOf":[{"$ref":"common.schema.json#/$defs/callback/allOf/0"},{"$ref":"common.schema.json#/$defs/callback/allOf/1"},{"$ref":"common.schema.json#/$defs/callback/allOf/2"},{"$ref":"common.schema.json#/$defs/callback/allOf/3"}]}}};
const schema90 = {"description":"When it is sent, by the status the mock answered with: `on_success` (200 to 299), `on_error` (400 and up), `always`. Default: always.","enum":["on_success","on_error","always",""],"default":"always"};
const schema95 = {"description":"true: the answer does not wait, and the callback survives a restart. false: the answer waits for the outcome. Default: true.","type":"boolean","default":true};
const schema109 = {"description":"`write`: survives a killed process. `sync`: the answer waits until it is on disk, survives power loss too. Default: write.","enum":["write","sync"],"default":"write"};
const schema78 = {"title":"Metadata","description":"What the resource is called and where it belongs.","type":"object","additionalProperties":false,"properties":{"name":{"$ref":"#/$defs/resourceName","description":"Unique per kind and namespace. Lower-case letters, digits, '-' and '.'."},"namespace":{"$ref":"#/$defs/namespaceName","description":"The namespace it belongs to. Default for mocks: `defaultNamespace` of the settings (`sandbox`)."},"labels":{"$ref":"#/$defs/labels"},"annotations":{"$ref":"#/$defs/annotations"}}};
const schema80 = {"description":"Lower-case letters, digits and '-', at most 63 characters, beginning and ending with a letter or digit.","type":"string","minLength":1,"maxLength":63,"pattern":"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"};
const pattern8 = new RegExp("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "u");

function validate27(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate27.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((((key0 === "name") || (key0 === "namespace")) || (key0 === "labels")) || (key0 === "annotations"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema78,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.name !== undefined){
let data0 = data.name;
if(typeof data0 === "string"){
if(func1(data0) > 253){
const err1 = {instancePath:instancePath+"/name",schemaPath:"#/$defs/resourceName/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema34,data:data0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(func1(data0) < 1){
const err2 = {instancePath:instancePath+"/name",schemaPath:"#/$defs/resourceName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema34,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(!pattern4.test(data0)){
const err3 = {instancePath:instancePath+"/name",schemaPath:"#/$defs/resourceName/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"},message:"must match pattern \""+"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"+"\"",schema:"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",parentSchema:schema34,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
else {
const err4 = {instancePath:instancePath+"/name",schemaPath:"#/$defs/resourceName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.type,parentSchema:schema34,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.namespace !== undefined){
let data1 = data.namespace;
if(typeof data1 === "string"){
if(func1(data1) > 63){
const err5 = {instancePath:instancePath+"/namespace",schemaPath:"#/$defs/namespaceName/maxLength",keyword:"maxLength",params:{limit: 63},message:"must NOT have more than 63 characters",schema:63,parentSchema:schema80,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(func1(data1) < 1){
const err6 = {instancePath:instancePath+"/namespace",schemaPath:"#/$defs/namespaceName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema80,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(!pattern8.test(data1)){
const err7 = {instancePath:instancePath+"/namespace",schemaPath:"#/$defs/namespaceName/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"},message:"must match pattern \""+"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"+"\"",schema:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",parentSchema:schema80,data:data1};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/namespace",schemaPath:"#/$defs/namespaceName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema80.type,parentSchema:schema80,data:data1};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.labels !== undefined){
let data2 = data.labels;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
if(Object.keys(data2).length > 64){
const err9 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/maxProperties",keyword:"maxProperties",params:{limit: 64},message:"must NOT have more than 64 properties",schema:64,parentSchema:schema35,data:data2};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
for(const key1 in data2){
const _errs11 = errors;
if(typeof key1 === "string"){
if(func1(key1) > 253){
const err10 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/propertyNames/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema35.propertyNames,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if(func1(key1) < 1){
const err11 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/propertyNames/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema35.propertyNames,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
var valid4 = _errs11 === errors;
if(!valid4){
const err12 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/propertyNames",keyword:"propertyNames",params:{propertyName: key1},message:"property name must be valid",schema:schema35.propertyNames,parentSchema:schema35,data:data2};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
for(const key2 in data2){
let data3 = data2[key2];
if(typeof data3 === "string"){
if(func1(data3) > 1024){
const err13 = {instancePath:instancePath+"/labels/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/labels/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters",schema:1024,parentSchema:schema35.additionalProperties,data:data3};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
else {
const err14 = {instancePath:instancePath+"/labels/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/labels/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema35.additionalProperties.type,parentSchema:schema35.additionalProperties,data:data3};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
else {
const err15 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema35.type,parentSchema:schema35,data:data2};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.annotations !== undefined){
let data4 = data.annotations;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(Object.keys(data4).length > 64){
const err16 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/maxProperties",keyword:"maxProperties",params:{limit: 64},message:"must NOT have more than 64 properties",schema:64,parentSchema:schema36,data:data4};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
for(const key3 in data4){
const _errs18 = errors;
if(typeof key3 === "string"){
if(func1(key3) > 253){
const err17 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/propertyNames/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema36.propertyNames,data:key3,propertyName:key3};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if(func1(key3) < 1){
const err18 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/propertyNames/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.propertyNames,data:key3,propertyName:key3};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
var valid7 = _errs18 === errors;
if(!valid7){
const err19 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/propertyNames",keyword:"propertyNames",params:{propertyName: key3},message:"property name must be valid",schema:schema36.propertyNames,parentSchema:schema36,data:data4};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
for(const key4 in data4){
if(!((key4 === "callboard/renamed-from") || (key4 === "callboard/faker-seed"))){
let data5 = data4[key4];
if(typeof data5 === "string"){
if(func1(data5) > 65536){
const err20 = {instancePath:instancePath+"/annotations/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/annotations/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 65536},message:"must NOT have more than 65536 characters",schema:65536,parentSchema:schema36.additionalProperties,data:data5};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
else {
const err21 = {instancePath:instancePath+"/annotations/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/annotations/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.additionalProperties.type,parentSchema:schema36.additionalProperties,data:data5};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
}
if(data4["callboard/renamed-from"] !== undefined){
let data6 = data4["callboard/renamed-from"];
if(typeof data6 === "string"){
if(func1(data6) < 1){
const err22 = {instancePath:instancePath+"/annotations/callboard~1renamed-from",schemaPath:"#/$defs/annotations/properties/callboard~1renamed-from/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.properties["callboard/renamed-from"],data:data6};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
else {
const err23 = {instancePath:instancePath+"/annotations/callboard~1renamed-from",schemaPath:"#/$defs/annotations/properties/callboard~1renamed-from/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.properties["callboard/renamed-from"].type,parentSchema:schema36.properties["callboard/renamed-from"],data:data6};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data4["callboard/faker-seed"] !== undefined){
let data7 = data4["callboard/faker-seed"];
if(typeof data7 === "string"){
if(func1(data7) < 1){
const err24 = {instancePath:instancePath+"/annotations/callboard~1faker-seed",schemaPath:"#/$defs/annotations/properties/callboard~1faker-seed/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.properties["callboard/faker-seed"],data:data7};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
else {
const err25 = {instancePath:instancePath+"/annotations/callboard~1faker-seed",schemaPath:"#/$defs/annotations/properties/callboard~1faker-seed/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.properties["callboard/faker-seed"].type,parentSchema:schema36.properties["callboard/faker-seed"],data:data7};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
}
else {
const err26 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema36.type,parentSchema:schema36,data:data4};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
}
else {
const err27 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema78.type,parentSchema:schema78,data};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
validate27.errors = vErrors;
return errors === 0;
}
validate27.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema91 = {"description":"Conditions on the request body that must hold as well.","type":"array","maxItems":256,"items":{"$ref":"#/$defs/condition"}};
const schema92 = {"title":"Condition","description":"One thing the request must be.","type":"object","additionalProperties":false,"properties":{"path":{"description":"Where to look. Body: a JSONPath from `$`, the body itself (default `$`). Header, query parameter, cookie, form field: its name, with or without a leading `$.`.","type":"string","minLength":1},"assertAction":{"$ref":"#/$defs/assertAction"},"value":{"description":"What to compare with: any JSON; a regular expression for `matches`, a schema for `jsonSchema`. Not needed for `any`, `notEmpty` and `empty`."},"valueFromFile":{"description":"File that holds the value, relative to this document. Instead of `value`.","type":"string","minLength":1},"decode":{"description":"`base64`: decode the value found before comparing. Default: as it is.","enum":["base64",""]},"sortArray":{"description":"Compare lists without regard to order. Default: `sortArray` of `http`, else false.","type":"boolean","default":false}},"not":{"required":["value","valueFromFile"]}};
const schema93 = {"title":"AssertAction","description":"How the value found is compared. `any`: always true. `notEmpty`, `empty`: null, \"\", [] and {} are empty. `contains`: substring, element or part of an object. `matches`: regular expression (RE2), unanchored. `gt gte lt lte`: as numbers, else as ISO dates. `jsonSchema`: draft 2020-12. Default: equals.","enum":["equals","not_equals","contains","not_contains","any","notEmpty","empty","matches","gt","gte","lt","lte","jsonSchema"],"default":"equals"};

function validate30(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate30.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs1 = errors;
const _errs2 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.value === undefined) && (missing0 = "value")) || ((data.valueFromFile === undefined) && (missing0 = "valueFromFile"))){
const err0 = {};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
var valid0 = _errs2 === errors;
if(valid0){
const err1 = {instancePath,schemaPath:"#/not",keyword:"not",params:{},message:"must NOT be valid",schema:schema92.not,parentSchema:schema92,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
else {
errors = _errs1;
if(vErrors !== null){
if(_errs1){
vErrors.length = _errs1;
}
else {
vErrors = null;
}
}
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((((((key0 === "path") || (key0 === "assertAction")) || (key0 === "value")) || (key0 === "valueFromFile")) || (key0 === "decode")) || (key0 === "sortArray"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema92,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.path !== undefined){
let data0 = data.path;
if(typeof data0 === "string"){
if(func1(data0) < 1){
const err3 = {instancePath:instancePath+"/path",schemaPath:"#/properties/path/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema92.properties.path,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
else {
const err4 = {instancePath:instancePath+"/path",schemaPath:"#/properties/path/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema92.properties.path.type,parentSchema:schema92.properties.path,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.assertAction !== undefined){
let data1 = data.assertAction;
if(!(((((((((((((data1 === "equals") || (data1 === "not_equals")) || (data1 === "contains")) || (data1 === "not_contains")) || (data1 === "any")) || (data1 === "notEmpty")) || (data1 === "empty")) || (data1 === "matches")) || (data1 === "gt")) || (data1 === "gte")) || (data1 === "lt")) || (data1 === "lte")) || (data1 === "jsonSchema"))){
const err5 = {instancePath:instancePath+"/assertAction",schemaPath:"#/$defs/assertAction/enum",keyword:"enum",params:{allowedValues: schema93.enum},message:"must be equal to one of the allowed values",schema:schema93.enum,parentSchema:schema93,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.valueFromFile !== undefined){
let data2 = data.valueFromFile;
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err6 = {instancePath:instancePath+"/valueFromFile",schemaPath:"#/properties/valueFromFile/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema92.properties.valueFromFile,data:data2};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/valueFromFile",schemaPath:"#/properties/valueFromFile/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema92.properties.valueFromFile.type,parentSchema:schema92.properties.valueFromFile,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.decode !== undefined){
let data3 = data.decode;
if(!((data3 === "base64") || (data3 === ""))){
const err8 = {instancePath:instancePath+"/decode",schemaPath:"#/properties/decode/enum",keyword:"enum",params:{allowedValues: schema92.properties.decode.enum},message:"must be equal to one of the allowed values",schema:schema92.properties.decode.enum,parentSchema:schema92.properties.decode,data:data3};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.sortArray !== undefined){
let data4 = data.sortArray;
if(typeof data4 !== "boolean"){
const err9 = {instancePath:instancePath+"/sortArray",schemaPath:"#/properties/sortArray/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema92.properties.sortArray.type,parentSchema:schema92.properties.sortArray,data:data4};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
}
else {
const err10 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema92.type,parentSchema:schema92,data};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
validate30.errors = vErrors;
return errors === 0;
}
validate30.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate29(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate29.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(Array.isArray(data)){
if(data.length > 256){
const err0 = {instancePath,schemaPath:"#/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema91,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(!(validate30(data[i0], {instancePath:instancePath+"/" + i0,parentData:data,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate30.errors : vErrors.concat(validate30.errors);
errors = vErrors.length;
}
}
}
else {
const err1 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema91.type,parentSchema:schema91,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
validate29.errors = vErrors;
return errors === 0;
}
validate29.evaluated = {"items":true,"dynamicProps":false,"dynamicItems":false};


function validate33(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate33.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(Object.keys(data).length > 256){
const err0 = {instancePath,schemaPath:"#/maxProperties",keyword:"maxProperties",params:{limit: 256},message:"must NOT have more than 256 properties",schema:256,parentSchema:schema49,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
const _errs1 = errors;
if(typeof key0 === "string"){
if(!pattern5.test(key0)){
const err1 = {instancePath,schemaPath:"#/propertyNames/pattern",keyword:"pattern",params:{pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},message:"must match pattern \""+"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"+"\"",schema:"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",parentSchema:schema49.propertyNames,data:key0,propertyName:key0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
var valid0 = _errs1 === errors;
if(!valid0){
const err2 = {instancePath,schemaPath:"#/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid",schema:schema49.propertyNames,parentSchema:schema49,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
for(const key1 in data){
if(!((((key1 === "Authorization") || (key1 === "Cookie")) || (key1 === "Proxy-Authorization")) || (key1 === "X-Api-Key"))){
let data0 = data[key1];
if((((typeof data0 !== "string") && (!((typeof data0 == "number") && (isFinite(data0))))) && (typeof data0 !== "boolean")) && (!(data0 && typeof data0 == "object" && !Array.isArray(data0)))){
const err3 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/type",keyword:"type",params:{type: schema49.additionalProperties.type},message:"must be string,number,boolean,object",schema:schema49.additionalProperties.type,parentSchema:schema49.additionalProperties,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
const _errs5 = errors;
let valid2 = true;
const _errs6 = errors;
if(!(data0 && typeof data0 == "object" && !Array.isArray(data0))){
const err4 = {};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
var _valid0 = _errs6 === errors;
errors = _errs5;
if(vErrors !== null){
if(_errs5){
vErrors.length = _errs5;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs8 = errors;
const _errs9 = errors;
let valid3 = false;
let passing0 = null;
const _errs10 = errors;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.env === undefined){
const err5 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema49.additionalProperties.then.oneOf[0].required,parentSchema:schema49.additionalProperties.then.oneOf[0],data:data0};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
var _valid1 = _errs10 === errors;
if(_valid1){
valid3 = true;
passing0 = 0;
}
const _errs11 = errors;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.file === undefined){
const err6 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema49.additionalProperties.then.oneOf[1].required,parentSchema:schema49.additionalProperties.then.oneOf[1],data:data0};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
var _valid1 = _errs11 === errors;
if(_valid1 && valid3){
valid3 = false;
passing0 = [passing0, 1];
}
else {
if(_valid1){
valid3 = true;
passing0 = 1;
}
}
if(!valid3){
const err7 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf",schema:schema49.additionalProperties.then.oneOf,parentSchema:schema49.additionalProperties.then,data:data0};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
else {
errors = _errs9;
if(vErrors !== null){
if(_errs9){
vErrors.length = _errs9;
}
else {
vErrors = null;
}
}
}
var _valid0 = _errs8 === errors;
valid2 = _valid0;
}
if(!valid2){
const err8 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema49.additionalProperties.if,parentSchema:schema49.additionalProperties,data:data0};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
for(const key2 in data0){
if(!(((key2 === "env") || (key2 === "file")) || (key2 === "prefix"))){
const err9 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema49.additionalProperties,data:data0};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data0.env !== undefined){
let data1 = data0.env;
if(typeof data1 === "string"){
if(func1(data1) < 1){
const err10 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/env",schemaPath:"#/additionalProperties/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema49.additionalProperties.properties.env,data:data1};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
else {
const err11 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/env",schemaPath:"#/additionalProperties/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema49.additionalProperties.properties.env.type,parentSchema:schema49.additionalProperties.properties.env,data:data1};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data0.file !== undefined){
let data2 = data0.file;
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err12 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/file",schemaPath:"#/additionalProperties/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema49.additionalProperties.properties.file,data:data2};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
else {
const err13 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/file",schemaPath:"#/additionalProperties/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema49.additionalProperties.properties.file.type,parentSchema:schema49.additionalProperties.properties.file,data:data2};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data0.prefix !== undefined){
let data3 = data0.prefix;
if(typeof data3 !== "string"){
const err14 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/prefix",schemaPath:"#/additionalProperties/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema49.additionalProperties.properties.prefix.type,parentSchema:schema49.additionalProperties.properties.prefix,data:data3};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
}
}
if(data.Authorization !== undefined){
let data4 = data.Authorization;
if((typeof data4 !== "string") && (!(data4 && typeof data4 == "object" && !Array.isArray(data4)))){
const err15 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data4};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
const _errs22 = errors;
let valid7 = true;
const _errs23 = errors;
if(!(data4 && typeof data4 == "object" && !Array.isArray(data4))){
const err16 = {};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
var _valid2 = _errs23 === errors;
errors = _errs22;
if(vErrors !== null){
if(_errs22){
vErrors.length = _errs22;
}
else {
vErrors = null;
}
}
if(_valid2){
const _errs25 = errors;
const _errs26 = errors;
let valid8 = false;
let passing1 = null;
const _errs27 = errors;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.env === undefined){
const err17 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data4};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
var _valid3 = _errs27 === errors;
if(_valid3){
valid8 = true;
passing1 = 0;
}
const _errs28 = errors;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.file === undefined){
const err18 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data4};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
var _valid3 = _errs28 === errors;
if(_valid3 && valid8){
valid8 = false;
passing1 = [passing1, 1];
}
else {
if(_valid3){
valid8 = true;
passing1 = 1;
}
}
if(!valid8){
const err19 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing1},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data4};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
else {
errors = _errs26;
if(vErrors !== null){
if(_errs26){
vErrors.length = _errs26;
}
else {
vErrors = null;
}
}
}
var _valid2 = _errs25 === errors;
valid7 = _valid2;
}
if(!valid7){
const err20 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data4};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key3 in data4){
if(!(((key3 === "env") || (key3 === "file")) || (key3 === "prefix"))){
const err21 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data4};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data4.env !== undefined){
let data5 = data4.env;
if(typeof data5 === "string"){
if(func1(data5) < 1){
const err22 = {instancePath:instancePath+"/Authorization/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data5};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
else {
const err23 = {instancePath:instancePath+"/Authorization/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data5};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data4.file !== undefined){
let data6 = data4.file;
if(typeof data6 === "string"){
if(func1(data6) < 1){
const err24 = {instancePath:instancePath+"/Authorization/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data6};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
else {
const err25 = {instancePath:instancePath+"/Authorization/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data6};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data4.prefix !== undefined){
let data7 = data4.prefix;
if(typeof data7 !== "string"){
const err26 = {instancePath:instancePath+"/Authorization/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data7};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
}
}
if(data.Cookie !== undefined){
let data8 = data.Cookie;
if((typeof data8 !== "string") && (!(data8 && typeof data8 == "object" && !Array.isArray(data8)))){
const err27 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data8};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
const _errs39 = errors;
let valid11 = true;
const _errs40 = errors;
if(!(data8 && typeof data8 == "object" && !Array.isArray(data8))){
const err28 = {};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
var _valid4 = _errs40 === errors;
errors = _errs39;
if(vErrors !== null){
if(_errs39){
vErrors.length = _errs39;
}
else {
vErrors = null;
}
}
if(_valid4){
const _errs42 = errors;
const _errs43 = errors;
let valid12 = false;
let passing2 = null;
const _errs44 = errors;
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
if(data8.env === undefined){
const err29 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data8};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
var _valid5 = _errs44 === errors;
if(_valid5){
valid12 = true;
passing2 = 0;
}
const _errs45 = errors;
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
if(data8.file === undefined){
const err30 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data8};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
var _valid5 = _errs45 === errors;
if(_valid5 && valid12){
valid12 = false;
passing2 = [passing2, 1];
}
else {
if(_valid5){
valid12 = true;
passing2 = 1;
}
}
if(!valid12){
const err31 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing2},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data8};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
else {
errors = _errs43;
if(vErrors !== null){
if(_errs43){
vErrors.length = _errs43;
}
else {
vErrors = null;
}
}
}
var _valid4 = _errs42 === errors;
valid11 = _valid4;
}
if(!valid11){
const err32 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data8};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
for(const key4 in data8){
if(!(((key4 === "env") || (key4 === "file")) || (key4 === "prefix"))){
const err33 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data8};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data8.env !== undefined){
let data9 = data8.env;
if(typeof data9 === "string"){
if(func1(data9) < 1){
const err34 = {instancePath:instancePath+"/Cookie/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data9};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
else {
const err35 = {instancePath:instancePath+"/Cookie/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data9};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data8.file !== undefined){
let data10 = data8.file;
if(typeof data10 === "string"){
if(func1(data10) < 1){
const err36 = {instancePath:instancePath+"/Cookie/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data10};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
else {
const err37 = {instancePath:instancePath+"/Cookie/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data10};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data8.prefix !== undefined){
let data11 = data8.prefix;
if(typeof data11 !== "string"){
const err38 = {instancePath:instancePath+"/Cookie/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data11};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
}
}
if(data["Proxy-Authorization"] !== undefined){
let data12 = data["Proxy-Authorization"];
if((typeof data12 !== "string") && (!(data12 && typeof data12 == "object" && !Array.isArray(data12)))){
const err39 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data12};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
const _errs56 = errors;
let valid15 = true;
const _errs57 = errors;
if(!(data12 && typeof data12 == "object" && !Array.isArray(data12))){
const err40 = {};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
var _valid6 = _errs57 === errors;
errors = _errs56;
if(vErrors !== null){
if(_errs56){
vErrors.length = _errs56;
}
else {
vErrors = null;
}
}
if(_valid6){
const _errs59 = errors;
const _errs60 = errors;
let valid16 = false;
let passing3 = null;
const _errs61 = errors;
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
if(data12.env === undefined){
const err41 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data12};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
var _valid7 = _errs61 === errors;
if(_valid7){
valid16 = true;
passing3 = 0;
}
const _errs62 = errors;
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
if(data12.file === undefined){
const err42 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data12};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
var _valid7 = _errs62 === errors;
if(_valid7 && valid16){
valid16 = false;
passing3 = [passing3, 1];
}
else {
if(_valid7){
valid16 = true;
passing3 = 1;
}
}
if(!valid16){
const err43 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing3},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data12};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
else {
errors = _errs60;
if(vErrors !== null){
if(_errs60){
vErrors.length = _errs60;
}
else {
vErrors = null;
}
}
}
var _valid6 = _errs59 === errors;
valid15 = _valid6;
}
if(!valid15){
const err44 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data12};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
for(const key5 in data12){
if(!(((key5 === "env") || (key5 === "file")) || (key5 === "prefix"))){
const err45 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data12};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
if(data12.env !== undefined){
let data13 = data12.env;
if(typeof data13 === "string"){
if(func1(data13) < 1){
const err46 = {instancePath:instancePath+"/Proxy-Authorization/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data13};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
else {
const err47 = {instancePath:instancePath+"/Proxy-Authorization/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data13};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data12.file !== undefined){
let data14 = data12.file;
if(typeof data14 === "string"){
if(func1(data14) < 1){
const err48 = {instancePath:instancePath+"/Proxy-Authorization/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data14};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
else {
const err49 = {instancePath:instancePath+"/Proxy-Authorization/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data14};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
if(data12.prefix !== undefined){
let data15 = data12.prefix;
if(typeof data15 !== "string"){
const err50 = {instancePath:instancePath+"/Proxy-Authorization/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data15};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
}
}
if(data["X-Api-Key"] !== undefined){
let data16 = data["X-Api-Key"];
if((typeof data16 !== "string") && (!(data16 && typeof data16 == "object" && !Array.isArray(data16)))){
const err51 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data16};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
const _errs73 = errors;
let valid19 = true;
const _errs74 = errors;
if(!(data16 && typeof data16 == "object" && !Array.isArray(data16))){
const err52 = {};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
var _valid8 = _errs74 === errors;
errors = _errs73;
if(vErrors !== null){
if(_errs73){
vErrors.length = _errs73;
}
else {
vErrors = null;
}
}
if(_valid8){
const _errs76 = errors;
const _errs77 = errors;
let valid20 = false;
let passing4 = null;
const _errs78 = errors;
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
if(data16.env === undefined){
const err53 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data16};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
var _valid9 = _errs78 === errors;
if(_valid9){
valid20 = true;
passing4 = 0;
}
const _errs79 = errors;
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
if(data16.file === undefined){
const err54 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data16};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
var _valid9 = _errs79 === errors;
if(_valid9 && valid20){
valid20 = false;
passing4 = [passing4, 1];
}
else {
if(_valid9){
valid20 = true;
passing4 = 1;
}
}
if(!valid20){
const err55 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing4},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data16};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
else {
errors = _errs77;
if(vErrors !== null){
if(_errs77){
vErrors.length = _errs77;
}
else {
vErrors = null;
}
}
}
var _valid8 = _errs76 === errors;
valid19 = _valid8;
}
if(!valid19){
const err56 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data16};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
for(const key6 in data16){
if(!(((key6 === "env") || (key6 === "file")) || (key6 === "prefix"))){
const err57 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data16};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
if(data16.env !== undefined){
let data17 = data16.env;
if(typeof data17 === "string"){
if(func1(data17) < 1){
const err58 = {instancePath:instancePath+"/X-Api-Key/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data17};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
else {
const err59 = {instancePath:instancePath+"/X-Api-Key/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data17};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data16.file !== undefined){
let data18 = data16.file;
if(typeof data18 === "string"){
if(func1(data18) < 1){
const err60 = {instancePath:instancePath+"/X-Api-Key/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data18};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
else {
const err61 = {instancePath:instancePath+"/X-Api-Key/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data18};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data16.prefix !== undefined){
let data19 = data16.prefix;
if(typeof data19 !== "string"){
const err62 = {instancePath:instancePath+"/X-Api-Key/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data19};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
}
}
}
else {
const err63 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema49.type,parentSchema:schema49,data};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
validate33.errors = vErrors;
return errors === 0;
}
validate33.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate35(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate35.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.scheme === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "scheme"},message:"must have required property '"+"scheme"+"'",schema:schema55.required,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.secret === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "secret"},message:"must have required property '"+"secret"+"'",schema:schema55.required,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 in data){
if(!(((((((key0 === "scheme") || (key0 === "secret")) || (key0 === "previousSecret")) || (key0 === "header")) || (key0 === "prefix")) || (key0 === "algorithm")) || (key0 === "encoding"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.scheme !== undefined){
let data0 = data.scheme;
if(!(((((data0 === "stripe") || (data0 === "github")) || (data0 === "slack")) || (data0 === "standard-webhooks")) || (data0 === "hmac"))){
const err3 = {instancePath:instancePath+"/scheme",schemaPath:"#/properties/scheme/enum",keyword:"enum",params:{allowedValues: schema55.properties.scheme.enum},message:"must be equal to one of the allowed values",schema:schema55.properties.scheme.enum,parentSchema:schema55.properties.scheme,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.secret !== undefined){
let data1 = data.secret;
if((typeof data1 !== "string") && (!(data1 && typeof data1 == "object" && !Array.isArray(data1)))){
const err4 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
const _errs6 = errors;
let valid2 = true;
const _errs7 = errors;
if(!(data1 && typeof data1 == "object" && !Array.isArray(data1))){
const err5 = {};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
var _valid0 = _errs7 === errors;
errors = _errs6;
if(vErrors !== null){
if(_errs6){
vErrors.length = _errs6;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs9 = errors;
const _errs10 = errors;
let valid3 = false;
let passing0 = null;
const _errs11 = errors;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(data1.env === undefined){
const err6 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
var _valid1 = _errs11 === errors;
if(_valid1){
valid3 = true;
passing0 = 0;
}
const _errs12 = errors;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(data1.file === undefined){
const err7 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data1};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
var _valid1 = _errs12 === errors;
if(_valid1 && valid3){
valid3 = false;
passing0 = [passing0, 1];
}
else {
if(_valid1){
valid3 = true;
passing0 = 1;
}
}
if(!valid3){
const err8 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data1};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
else {
errors = _errs10;
if(vErrors !== null){
if(_errs10){
vErrors.length = _errs10;
}
else {
vErrors = null;
}
}
}
var _valid0 = _errs9 === errors;
valid2 = _valid0;
}
if(!valid2){
const err9 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data1};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
for(const key1 in data1){
if(!(((key1 === "env") || (key1 === "file")) || (key1 === "prefix"))){
const err10 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data1};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data1.env !== undefined){
let data2 = data1.env;
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err11 = {instancePath:instancePath+"/secret/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data2};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
else {
const err12 = {instancePath:instancePath+"/secret/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data2};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data1.file !== undefined){
let data3 = data1.file;
if(typeof data3 === "string"){
if(func1(data3) < 1){
const err13 = {instancePath:instancePath+"/secret/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data3};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
else {
const err14 = {instancePath:instancePath+"/secret/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data3};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data1.prefix !== undefined){
let data4 = data1.prefix;
if(typeof data4 !== "string"){
const err15 = {instancePath:instancePath+"/secret/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data4};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
}
}
if(data.previousSecret !== undefined){
let data5 = data.previousSecret;
if((typeof data5 !== "string") && (!(data5 && typeof data5 == "object" && !Array.isArray(data5)))){
const err16 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data5};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
const _errs23 = errors;
let valid6 = true;
const _errs24 = errors;
if(!(data5 && typeof data5 == "object" && !Array.isArray(data5))){
const err17 = {};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
var _valid2 = _errs24 === errors;
errors = _errs23;
if(vErrors !== null){
if(_errs23){
vErrors.length = _errs23;
}
else {
vErrors = null;
}
}
if(_valid2){
const _errs26 = errors;
const _errs27 = errors;
let valid7 = false;
let passing1 = null;
const _errs28 = errors;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
if(data5.env === undefined){
const err18 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data5};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
var _valid3 = _errs28 === errors;
if(_valid3){
valid7 = true;
passing1 = 0;
}
const _errs29 = errors;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
if(data5.file === undefined){
const err19 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data5};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
var _valid3 = _errs29 === errors;
if(_valid3 && valid7){
valid7 = false;
passing1 = [passing1, 1];
}
else {
if(_valid3){
valid7 = true;
passing1 = 1;
}
}
if(!valid7){
const err20 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing1},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data5};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
else {
errors = _errs27;
if(vErrors !== null){
if(_errs27){
vErrors.length = _errs27;
}
else {
vErrors = null;
}
}
}
var _valid2 = _errs26 === errors;
valid6 = _valid2;
}
if(!valid6){
const err21 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data5};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key2 in data5){
if(!(((key2 === "env") || (key2 === "file")) || (key2 === "prefix"))){
const err22 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data5};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data5.env !== undefined){
let data6 = data5.env;
if(typeof data6 === "string"){
if(func1(data6) < 1){
const err23 = {instancePath:instancePath+"/previousSecret/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data6};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
else {
const err24 = {instancePath:instancePath+"/previousSecret/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data6};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
if(data5.file !== undefined){
let data7 = data5.file;
if(typeof data7 === "string"){
if(func1(data7) < 1){
const err25 = {instancePath:instancePath+"/previousSecret/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data7};
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
const err26 = {instancePath:instancePath+"/previousSecret/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data7};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data5.prefix !== undefined){
let data8 = data5.prefix;
if(typeof data8 !== "string"){
const err27 = {instancePath:instancePath+"/previousSecret/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data8};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
}
}
if(data.header !== undefined){
let data9 = data.header;
if(typeof data9 === "string"){
if(!pattern5.test(data9)){
const err28 = {instancePath:instancePath+"/header",schemaPath:"#/properties/header/pattern",keyword:"pattern",params:{pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},message:"must match pattern \""+"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"+"\"",schema:"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",parentSchema:schema55.properties.header,data:data9};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
else {
const err29 = {instancePath:instancePath+"/header",schemaPath:"#/properties/header/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema55.properties.header.type,parentSchema:schema55.properties.header,data:data9};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data.prefix !== undefined){
let data10 = data.prefix;
if(typeof data10 !== "string"){
const err30 = {instancePath:instancePath+"/prefix",schemaPath:"#/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema55.properties.prefix.type,parentSchema:schema55.properties.prefix,data:data10};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data.algorithm !== undefined){
let data11 = data.algorithm;
if(!(((data11 === "sha1") || (data11 === "sha256")) || (data11 === "sha512"))){
const err31 = {instancePath:instancePath+"/algorithm",schemaPath:"#/properties/algorithm/enum",keyword:"enum",params:{allowedValues: schema55.properties.algorithm.enum},message:"must be equal to one of the allowed values",schema:schema55.properties.algorithm.enum,parentSchema:schema55.properties.algorithm,data:data11};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data.encoding !== undefined){
let data12 = data.encoding;
if(!((data12 === "hex") || (data12 === "base64"))){
const err32 = {instancePath:instancePath+"/encoding",schemaPath:"#/properties/encoding/enum",keyword:"enum",params:{allowedValues: schema55.properties.encoding.enum},message:"must be equal to one of the allowed values",schema:schema55.properties.encoding.enum,parentSchema:schema55.properties.encoding,data:data12};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
}
else {
const err33 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema55.type,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
validate35.errors = vErrors;
return errors === 0;
}
validate35.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate26(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
/*# sourceURL="callback.schema.json" */;
let vErrors = null;
let errors = 0;
const evaluated0 = validate26.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.apiVersion === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "apiVersion"},message:"must have required property '"+"apiVersion"+"'",schema:schema76.required,parentSchema:schema76,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.kind === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "kind"},message:"must have required property '"+"kind"+"'",schema:schema76.required,parentSchema:schema76,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(data.metadata === undefined){
const err2 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "metadata"},message:"must have required property '"+"metadata"+"'",schema:schema76.required,parentSchema:schema76,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(data.spec === undefined){
const err3 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "spec"},message:"must have required property '"+"spec"+"'",schema:schema76.required,parentSchema:schema76,data};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
for(const key0 in data){
if(!((((key0 === "apiVersion") || (key0 === "kind")) || (key0 === "metadata")) || (key0 === "spec"))){
const err4 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema76,data};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.apiVersion !== undefined){
let data0 = data.apiVersion;
if("callboard/v1" !== data0){
const err5 = {instancePath:instancePath+"/apiVersion",schemaPath:"common.schema.json#/$defs/apiVersion/const",keyword:"const",params:{allowedValue: "callboard/v1"},message:"must be equal to constant",schema:"callboard/v1",parentSchema:schema33,data:data0};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.kind !== undefined){
let data1 = data.kind;
if("Callback" !== data1){
const err6 = {instancePath:instancePath+"/kind",schemaPath:"#/properties/kind/const",keyword:"const",params:{allowedValue: "Callback"},message:"must be equal to constant",schema:"Callback",parentSchema:schema76.properties.kind,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.metadata !== undefined){
if(!(validate27(data.metadata, {instancePath:instancePath+"/metadata",parentData:data,parentDataProperty:"metadata",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate27.errors : vErrors.concat(validate27.errors);
errors = vErrors.length;
}
}
if(data.spec !== undefined){
let data3 = data.spec;
const _errs10 = errors;
let valid4 = true;
const _errs11 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
let missing0;
if((data3.type === undefined) && (missing0 = "type")){
const err7 = {};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
else {
if(data3.type !== undefined){
if("kafka" !== data3.type){
const err8 = {};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
}
}
var _valid0 = _errs11 === errors;
errors = _errs10;
if(vErrors !== null){
if(_errs10){
vErrors.length = _errs10;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs13 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.kafkaBrokers === undefined){
const err9 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/0/then/required",keyword:"required",params:{missingProperty: "kafkaBrokers"},message:"must have required property '"+"kafkaBrokers"+"'",schema:schema37.then.required,parentSchema:schema37.then,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(data3.kafkaTopic === undefined){
const err10 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/0/then/required",keyword:"required",params:{missingProperty: "kafkaTopic"},message:"must have required property '"+"kafkaTopic"+"'",schema:schema37.then.required,parentSchema:schema37.then,data:data3};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
var _valid0 = _errs13 === errors;
valid4 = _valid0;
}
if(!valid4){
const err11 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/0/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema37.if,parentSchema:schema37,data:data3};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
const _errs16 = errors;
let valid7 = true;
const _errs17 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
let missing1;
if((data3.type === undefined) && (missing1 = "type")){
const err12 = {};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
else {
if(data3.type !== undefined){
if("rabbitmq" !== data3.type){
const err13 = {};
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
var _valid1 = _errs17 === errors;
errors = _errs16;
if(vErrors !== null){
if(_errs16){
vErrors.length = _errs16;
}
else {
vErrors = null;
}
}
if(_valid1){
const _errs19 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.rabbitURL === undefined){
const err14 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/1/then/required",keyword:"required",params:{missingProperty: "rabbitURL"},message:"must have required property '"+"rabbitURL"+"'",schema:schema38.then.required,parentSchema:schema38.then,data:data3};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
var _valid1 = _errs19 === errors;
valid7 = _valid1;
}
if(!valid7){
const err15 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/1/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema38.if,parentSchema:schema38,data:data3};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
const _errs22 = errors;
let valid10 = true;
const _errs23 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.type !== undefined){
if("http" !== data3.type){
const err16 = {};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
}
var _valid2 = _errs23 === errors;
errors = _errs22;
if(vErrors !== null){
if(_errs22){
vErrors.length = _errs22;
}
else {
vErrors = null;
}
}
if(_valid2){
const _errs25 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.url === undefined){
const err17 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/2/then/required",keyword:"required",params:{missingProperty: "url"},message:"must have required property '"+"url"+"'",schema:schema39.then.required,parentSchema:schema39.then,data:data3};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
var _valid2 = _errs25 === errors;
valid10 = _valid2;
}
if(!valid10){
const err18 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/2/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema39.if,parentSchema:schema39,data:data3};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
const _errs28 = errors;
let valid13 = true;
const _errs29 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
let missing2;
if((data3.kafkaUseSASL === undefined) && (missing2 = "kafkaUseSASL")){
const err19 = {};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
else {
if(data3.kafkaUseSASL !== undefined){
if(true !== data3.kafkaUseSASL){
const err20 = {};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
}
}
var _valid3 = _errs29 === errors;
errors = _errs28;
if(vErrors !== null){
if(_errs28){
vErrors.length = _errs28;
}
else {
vErrors = null;
}
}
if(_valid3){
const _errs31 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.kafkaUsername === undefined){
const err21 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/3/then/required",keyword:"required",params:{missingProperty: "kafkaUsername"},message:"must have required property '"+"kafkaUsername"+"'",schema:schema40.then.required,parentSchema:schema40.then,data:data3};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(data3.kafkaPassword === undefined){
const err22 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/3/then/required",keyword:"required",params:{missingProperty: "kafkaPassword"},message:"must have required property '"+"kafkaPassword"+"'",schema:schema40.then.required,parentSchema:schema40.then,data:data3};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
var _valid3 = _errs31 === errors;
valid13 = _valid3;
}
if(!valid13){
const err23 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/3/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema40.if,parentSchema:schema40,data:data3};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.selector === undefined){
const err24 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/required",keyword:"required",params:{missingProperty: "selector"},message:"must have required property '"+"selector"+"'",schema:schema76.properties.spec.required,parentSchema:schema76.properties.spec,data:data3};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
for(const key1 in data3){
if(!(func11.call(schema76.properties.spec.properties, key1))){
const err25 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema76.properties.spec,data:data3};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data3.selector !== undefined){
let data8 = data3.selector;
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
for(const key2 in data8){
if(!(((key2 === "mocks") || (key2 === "matchLabels")) || (key2 === "tags"))){
const err26 = {instancePath:instancePath+"/spec/selector",schemaPath:"#/properties/spec/properties/selector/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema76.properties.spec.properties.selector,data:data8};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data8.mocks !== undefined){
let data9 = data8.mocks;
if(Array.isArray(data9)){
if(data9.length > 10000){
const err27 = {instancePath:instancePath+"/spec/selector/mocks",schemaPath:"#/properties/spec/properties/selector/properties/mocks/maxItems",keyword:"maxItems",params:{limit: 10000},message:"must NOT have more than 10000 items",schema:10000,parentSchema:schema76.properties.spec.properties.selector.properties.mocks,data:data9};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
if(data9.length < 1){
const err28 = {instancePath:instancePath+"/spec/selector/mocks",schemaPath:"#/properties/spec/properties/selector/properties/mocks/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema76.properties.spec.properties.selector.properties.mocks,data:data9};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
const len0 = data9.length;
for(let i0=0; i0<len0; i0++){
let data10 = data9[i0];
if(typeof data10 === "string"){
if(func1(data10) > 253){
const err29 = {instancePath:instancePath+"/spec/selector/mocks/" + i0,schemaPath:"common.schema.json#/$defs/resourceName/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema34,data:data10};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
if(func1(data10) < 1){
const err30 = {instancePath:instancePath+"/spec/selector/mocks/" + i0,schemaPath:"common.schema.json#/$defs/resourceName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema34,data:data10};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
if(!pattern4.test(data10)){
const err31 = {instancePath:instancePath+"/spec/selector/mocks/" + i0,schemaPath:"common.schema.json#/$defs/resourceName/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"},message:"must match pattern \""+"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"+"\"",schema:"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",parentSchema:schema34,data:data10};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
else {
const err32 = {instancePath:instancePath+"/spec/selector/mocks/" + i0,schemaPath:"common.schema.json#/$defs/resourceName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.type,parentSchema:schema34,data:data10};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
}
else {
const err33 = {instancePath:instancePath+"/spec/selector/mocks",schemaPath:"#/properties/spec/properties/selector/properties/mocks/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema76.properties.spec.properties.selector.properties.mocks.type,parentSchema:schema76.properties.spec.properties.selector.properties.mocks,data:data9};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data8.matchLabels !== undefined){
let data11 = data8.matchLabels;
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
if(Object.keys(data11).length > 64){
const err34 = {instancePath:instancePath+"/spec/selector/matchLabels",schemaPath:"common.schema.json#/$defs/labels/maxProperties",keyword:"maxProperties",params:{limit: 64},message:"must NOT have more than 64 properties",schema:64,parentSchema:schema35,data:data11};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
for(const key3 in data11){
const _errs44 = errors;
if(typeof key3 === "string"){
if(func1(key3) > 253){
const err35 = {instancePath:instancePath+"/spec/selector/matchLabels",schemaPath:"common.schema.json#/$defs/labels/propertyNames/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema35.propertyNames,data:key3,propertyName:key3};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
if(func1(key3) < 1){
const err36 = {instancePath:instancePath+"/spec/selector/matchLabels",schemaPath:"common.schema.json#/$defs/labels/propertyNames/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema35.propertyNames,data:key3,propertyName:key3};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
var valid21 = _errs44 === errors;
if(!valid21){
const err37 = {instancePath:instancePath+"/spec/selector/matchLabels",schemaPath:"common.schema.json#/$defs/labels/propertyNames",keyword:"propertyNames",params:{propertyName: key3},message:"property name must be valid",schema:schema35.propertyNames,parentSchema:schema35,data:data11};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
for(const key4 in data11){
let data12 = data11[key4];
if(typeof data12 === "string"){
if(func1(data12) > 1024){
const err38 = {instancePath:instancePath+"/spec/selector/matchLabels/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/labels/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters",schema:1024,parentSchema:schema35.additionalProperties,data:data12};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
else {
const err39 = {instancePath:instancePath+"/spec/selector/matchLabels/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/labels/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema35.additionalProperties.type,parentSchema:schema35.additionalProperties,data:data12};
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
const err40 = {instancePath:instancePath+"/spec/selector/matchLabels",schemaPath:"common.schema.json#/$defs/labels/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema35.type,parentSchema:schema35,data:data11};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
if(data8.tags !== undefined){
let data13 = data8.tags;
if(Array.isArray(data13)){
if(data13.length > 256){
const err41 = {instancePath:instancePath+"/spec/selector/tags",schemaPath:"#/properties/spec/properties/selector/properties/tags/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema76.properties.spec.properties.selector.properties.tags,data:data13};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
if(data13.length < 1){
const err42 = {instancePath:instancePath+"/spec/selector/tags",schemaPath:"#/properties/spec/properties/selector/properties/tags/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema76.properties.spec.properties.selector.properties.tags,data:data13};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
const len1 = data13.length;
for(let i1=0; i1<len1; i1++){
let data14 = data13[i1];
if(typeof data14 === "string"){
if(func1(data14) < 1){
const err43 = {instancePath:instancePath+"/spec/selector/tags/" + i1,schemaPath:"#/properties/spec/properties/selector/properties/tags/items/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema76.properties.spec.properties.selector.properties.tags.items,data:data14};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
else {
const err44 = {instancePath:instancePath+"/spec/selector/tags/" + i1,schemaPath:"#/properties/spec/properties/selector/properties/tags/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema76.properties.spec.properties.selector.properties.tags.items.type,parentSchema:schema76.properties.spec.properties.selector.properties.tags.items,data:data14};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
}
else {
const err45 = {instancePath:instancePath+"/spec/selector/tags",schemaPath:"#/properties/spec/properties/selector/properties/tags/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema76.properties.spec.properties.selector.properties.tags.type,parentSchema:schema76.properties.spec.properties.selector.properties.tags,data:data13};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
}
else {
const err46 = {instancePath:instancePath+"/spec/selector",schemaPath:"#/properties/spec/properties/selector/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema76.properties.spec.properties.selector.type,parentSchema:schema76.properties.spec.properties.selector,data:data8};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
if(data3.type !== undefined){
let data15 = data3.type;
if(!(((data15 === "http") || (data15 === "kafka")) || (data15 === "rabbitmq"))){
const err47 = {instancePath:instancePath+"/spec/type",schemaPath:"common.schema.json#/$defs/callback/properties/type/enum",keyword:"enum",params:{allowedValues: schema43.enum},message:"must be equal to one of the allowed values",schema:schema43.enum,parentSchema:schema43,data:data15};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data3.trigger !== undefined){
let data16 = data3.trigger;
if(!((((data16 === "on_success") || (data16 === "on_error")) || (data16 === "always")) || (data16 === ""))){
const err48 = {instancePath:instancePath+"/spec/trigger",schemaPath:"common.schema.json#/$defs/callback/properties/trigger/enum",keyword:"enum",params:{allowedValues: schema90.enum},message:"must be equal to one of the allowed values",schema:schema90.enum,parentSchema:schema90,data:data16};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
if(data3.conditions !== undefined){
if(!(validate29(data3.conditions, {instancePath:instancePath+"/spec/conditions",parentData:data3,parentDataProperty:"conditions",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate29.errors : vErrors.concat(validate29.errors);
errors = vErrors.length;
}
}
if(data3.delay !== undefined){
let data18 = data3.delay;
if((typeof data18 == "number") && (isFinite(data18))){
if(data18 < 0 || isNaN(data18)){
const err49 = {instancePath:instancePath+"/spec/delay",schemaPath:"common.schema.json#/$defs/callback/properties/delay/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema44,data:data18};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
else {
const err50 = {instancePath:instancePath+"/spec/delay",schemaPath:"common.schema.json#/$defs/callback/properties/delay/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema44.type,parentSchema:schema44,data:data18};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
if(data3.async !== undefined){
let data19 = data3.async;
if(typeof data19 !== "boolean"){
const err51 = {instancePath:instancePath+"/spec/async",schemaPath:"common.schema.json#/$defs/callback/properties/async/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema95.type,parentSchema:schema95,data:data19};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
if(data3.timeout !== undefined){
let data20 = data3.timeout;
if((typeof data20 == "number") && (isFinite(data20))){
if(data20 <= 0 || isNaN(data20)){
const err52 = {instancePath:instancePath+"/spec/timeout",schemaPath:"common.schema.json#/$defs/callback/properties/timeout/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema45,data:data20};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
else {
const err53 = {instancePath:instancePath+"/spec/timeout",schemaPath:"common.schema.json#/$defs/callback/properties/timeout/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema45.type,parentSchema:schema45,data:data20};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
if(data3.retryCount !== undefined){
let data21 = data3.retryCount;
if(!(((typeof data21 == "number") && (!(data21 % 1) && !isNaN(data21))) && (isFinite(data21)))){
const err54 = {instancePath:instancePath+"/spec/retryCount",schemaPath:"common.schema.json#/$defs/callback/properties/retryCount/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema46.type,parentSchema:schema46,data:data21};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
if((typeof data21 == "number") && (isFinite(data21))){
if(data21 > 1000 || isNaN(data21)){
const err55 = {instancePath:instancePath+"/spec/retryCount",schemaPath:"common.schema.json#/$defs/callback/properties/retryCount/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000},message:"must be <= 1000",schema:1000,parentSchema:schema46,data:data21};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
if(data21 < 0 || isNaN(data21)){
const err56 = {instancePath:instancePath+"/spec/retryCount",schemaPath:"common.schema.json#/$defs/callback/properties/retryCount/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema46,data:data21};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
}
if(data3.retryDelay !== undefined){
let data22 = data3.retryDelay;
if((typeof data22 == "number") && (isFinite(data22))){
if(data22 < 0 || isNaN(data22)){
const err57 = {instancePath:instancePath+"/spec/retryDelay",schemaPath:"common.schema.json#/$defs/callback/properties/retryDelay/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema47,data:data22};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
else {
const err58 = {instancePath:instancePath+"/spec/retryDelay",schemaPath:"common.schema.json#/$defs/callback/properties/retryDelay/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema47.type,parentSchema:schema47,data:data22};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
if(data3.retryPolicy !== undefined){
let data23 = data3.retryPolicy;
if(!((data23 === "fixed") || (data23 === "exponential"))){
const err59 = {instancePath:instancePath+"/spec/retryPolicy",schemaPath:"common.schema.json#/$defs/callback/properties/retryPolicy/enum",keyword:"enum",params:{allowedValues: schema48.enum},message:"must be equal to one of the allowed values",schema:schema48.enum,parentSchema:schema48,data:data23};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data3.headers !== undefined){
if(!(validate33(data3.headers, {instancePath:instancePath+"/spec/headers",parentData:data3,parentDataProperty:"headers",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate33.errors : vErrors.concat(validate33.errors);
errors = vErrors.length;
}
}
if(data3.sign !== undefined){
if(!(validate35(data3.sign, {instancePath:instancePath+"/spec/sign",parentData:data3,parentDataProperty:"sign",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate35.errors : vErrors.concat(validate35.errors);
errors = vErrors.length;
}
}
if(data3.durability !== undefined){
let data27 = data3.durability;
if(!((data27 === "write") || (data27 === "sync"))){
const err60 = {instancePath:instancePath+"/spec/durability",schemaPath:"common.schema.json#/$defs/callback/properties/durability/enum",keyword:"enum",params:{allowedValues: schema109.enum},message:"must be equal to one of the allowed values",schema:schema109.enum,parentSchema:schema109,data:data27};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
if(data3.breaker !== undefined){
let data28 = data3.breaker;
if(typeof data28 !== "boolean"){
const err61 = {instancePath:instancePath+"/spec/breaker",schemaPath:"common.schema.json#/$defs/callback/properties/breaker/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema58.type,parentSchema:schema58,data:data28};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data3.url !== undefined){
let data29 = data3.url;
if((typeof data29 !== "string") && (!(data29 && typeof data29 == "object" && !Array.isArray(data29)))){
const err62 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/type",keyword:"type",params:{type: schema59.type},message:"must be string,object",schema:schema59.type,parentSchema:schema59,data:data29};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
const _errs85 = errors;
let valid37 = true;
const _errs86 = errors;
if(!(data29 && typeof data29 == "object" && !Array.isArray(data29))){
const err63 = {};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
var _valid4 = _errs86 === errors;
errors = _errs85;
if(vErrors !== null){
if(_errs85){
vErrors.length = _errs85;
}
else {
vErrors = null;
}
}
if(_valid4){
const _errs88 = errors;
const _errs89 = errors;
let valid38 = false;
let passing0 = null;
const _errs90 = errors;
if(data29 && typeof data29 == "object" && !Array.isArray(data29)){
if(data29.env === undefined){
const err64 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema59.then.oneOf[0].required,parentSchema:schema59.then.oneOf[0],data:data29};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
}
var _valid5 = _errs90 === errors;
if(_valid5){
valid38 = true;
passing0 = 0;
}
const _errs91 = errors;
if(data29 && typeof data29 == "object" && !Array.isArray(data29)){
if(data29.file === undefined){
const err65 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema59.then.oneOf[1].required,parentSchema:schema59.then.oneOf[1],data:data29};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
var _valid5 = _errs91 === errors;
if(_valid5 && valid38){
valid38 = false;
passing0 = [passing0, 1];
}
else {
if(_valid5){
valid38 = true;
passing0 = 1;
}
}
if(!valid38){
const err66 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf",schema:schema59.then.oneOf,parentSchema:schema59.then,data:data29};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
else {
errors = _errs89;
if(vErrors !== null){
if(_errs89){
vErrors.length = _errs89;
}
else {
vErrors = null;
}
}
}
var _valid4 = _errs88 === errors;
valid37 = _valid4;
}
if(!valid37){
const err67 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema59.if,parentSchema:schema59,data:data29};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
if(typeof data29 === "string"){
if(func1(data29) < 1){
const err68 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema59,data:data29};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
if(data29 && typeof data29 == "object" && !Array.isArray(data29)){
for(const key5 in data29){
if(!(((key5 === "env") || (key5 === "file")) || (key5 === "prefix"))){
const err69 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties",schema:false,parentSchema:schema59,data:data29};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
}
if(data29.env !== undefined){
let data30 = data29.env;
if(typeof data30 === "string"){
if(func1(data30) < 1){
const err70 = {instancePath:instancePath+"/spec/url/env",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema59.properties.env,data:data30};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
else {
const err71 = {instancePath:instancePath+"/spec/url/env",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema59.properties.env.type,parentSchema:schema59.properties.env,data:data30};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
if(data29.file !== undefined){
let data31 = data29.file;
if(typeof data31 === "string"){
if(func1(data31) < 1){
const err72 = {instancePath:instancePath+"/spec/url/file",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema59.properties.file,data:data31};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
else {
const err73 = {instancePath:instancePath+"/spec/url/file",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema59.properties.file.type,parentSchema:schema59.properties.file,data:data31};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data29.prefix !== undefined){
let data32 = data29.prefix;
if(typeof data32 !== "string"){
const err74 = {instancePath:instancePath+"/spec/url/prefix",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema59.properties.prefix.type,parentSchema:schema59.properties.prefix,data:data32};
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
}
if(data3.method !== undefined){
let data33 = data3.method;
if(!(((((data33 === "POST") || (data33 === "PUT")) || (data33 === "PATCH")) || (data33 === "DELETE")) || (data33 === "GET"))){
const err75 = {instancePath:instancePath+"/spec/method",schemaPath:"common.schema.json#/$defs/callback/properties/method/enum",keyword:"enum",params:{allowedValues: schema60.enum},message:"must be equal to one of the allowed values",schema:schema60.enum,parentSchema:schema60,data:data33};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
}
if(data3.kafkaBrokers !== undefined){
let data34 = data3.kafkaBrokers;
if(typeof data34 === "string"){
if(func1(data34) < 1){
const err76 = {instancePath:instancePath+"/spec/kafkaBrokers",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaBrokers/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema61,data:data34};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
}
else {
const err77 = {instancePath:instancePath+"/spec/kafkaBrokers",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaBrokers/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema61.type,parentSchema:schema61,data:data34};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
if(data3.kafkaTopic !== undefined){
let data35 = data3.kafkaTopic;
if(typeof data35 === "string"){
if(func1(data35) < 1){
const err78 = {instancePath:instancePath+"/spec/kafkaTopic",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaTopic/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema62,data:data35};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
}
else {
const err79 = {instancePath:instancePath+"/spec/kafkaTopic",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaTopic/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema62.type,parentSchema:schema62,data:data35};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
}
if(data3.kafkaKey !== undefined){
let data36 = data3.kafkaKey;
if(typeof data36 !== "string"){
const err80 = {instancePath:instancePath+"/spec/kafkaKey",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaKey/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema63.type,parentSchema:schema63,data:data36};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
if(data3.kafkaUseSASL !== undefined){
let data37 = data3.kafkaUseSASL;
if(typeof data37 !== "boolean"){
const err81 = {instancePath:instancePath+"/spec/kafkaUseSASL",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaUseSASL/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema64.type,parentSchema:schema64,data:data37};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
if(data3.kafkaSaslMechanism !== undefined){
let data38 = data3.kafkaSaslMechanism;
if(!(((data38 === "plain") || (data38 === "scram-sha-256")) || (data38 === "scram-sha-512"))){
const err82 = {instancePath:instancePath+"/spec/kafkaSaslMechanism",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaSaslMechanism/enum",keyword:"enum",params:{allowedValues: schema65.enum},message:"must be equal to one of the allowed values",schema:schema65.enum,parentSchema:schema65,data:data38};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
if(data3.kafkaUsername !== undefined){
let data39 = data3.kafkaUsername;
if(typeof data39 !== "string"){
const err83 = {instancePath:instancePath+"/spec/kafkaUsername",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaUsername/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema66.type,parentSchema:schema66,data:data39};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
}
if(data3.kafkaPassword !== undefined){
let data40 = data3.kafkaPassword;
if((typeof data40 !== "string") && (!(data40 && typeof data40 == "object" && !Array.isArray(data40)))){
const err84 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data40};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
const _errs121 = errors;
let valid48 = true;
const _errs122 = errors;
if(!(data40 && typeof data40 == "object" && !Array.isArray(data40))){
const err85 = {};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
var _valid6 = _errs122 === errors;
errors = _errs121;
if(vErrors !== null){
if(_errs121){
vErrors.length = _errs121;
}
else {
vErrors = null;
}
}
if(_valid6){
const _errs124 = errors;
const _errs125 = errors;
let valid49 = false;
let passing1 = null;
const _errs126 = errors;
if(data40 && typeof data40 == "object" && !Array.isArray(data40)){
if(data40.env === undefined){
const err86 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data40};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
var _valid7 = _errs126 === errors;
if(_valid7){
valid49 = true;
passing1 = 0;
}
const _errs127 = errors;
if(data40 && typeof data40 == "object" && !Array.isArray(data40)){
if(data40.file === undefined){
const err87 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data40};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
var _valid7 = _errs127 === errors;
if(_valid7 && valid49){
valid49 = false;
passing1 = [passing1, 1];
}
else {
if(_valid7){
valid49 = true;
passing1 = 1;
}
}
if(!valid49){
const err88 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing1},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data40};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
else {
errors = _errs125;
if(vErrors !== null){
if(_errs125){
vErrors.length = _errs125;
}
else {
vErrors = null;
}
}
}
var _valid6 = _errs124 === errors;
valid48 = _valid6;
}
if(!valid48){
const err89 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data40};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
if(data40 && typeof data40 == "object" && !Array.isArray(data40)){
for(const key6 in data40){
if(!(((key6 === "env") || (key6 === "file")) || (key6 === "prefix"))){
const err90 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data40};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
if(data40.env !== undefined){
let data41 = data40.env;
if(typeof data41 === "string"){
if(func1(data41) < 1){
const err91 = {instancePath:instancePath+"/spec/kafkaPassword/env",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data41};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
}
else {
const err92 = {instancePath:instancePath+"/spec/kafkaPassword/env",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data41};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
}
if(data40.file !== undefined){
let data42 = data40.file;
if(typeof data42 === "string"){
if(func1(data42) < 1){
const err93 = {instancePath:instancePath+"/spec/kafkaPassword/file",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data42};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
}
else {
const err94 = {instancePath:instancePath+"/spec/kafkaPassword/file",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data42};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
}
if(data40.prefix !== undefined){
let data43 = data40.prefix;
if(typeof data43 !== "string"){
const err95 = {instancePath:instancePath+"/spec/kafkaPassword/prefix",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data43};
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
}
if(data3.kafkaUseTLS !== undefined){
let data44 = data3.kafkaUseTLS;
if(typeof data44 !== "boolean"){
const err96 = {instancePath:instancePath+"/spec/kafkaUseTLS",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaUseTLS/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema68.type,parentSchema:schema68,data:data44};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
}
if(data3.kafkaCa !== undefined){
let data45 = data3.kafkaCa;
if(typeof data45 === "string"){
if(func1(data45) < 1){
const err97 = {instancePath:instancePath+"/spec/kafkaCa",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaCa/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema69,data:data45};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
}
else {
const err98 = {instancePath:instancePath+"/spec/kafkaCa",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaCa/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema69.type,parentSchema:schema69,data:data45};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
}
if(data3.rabbitURL !== undefined){
let data46 = data3.rabbitURL;
if((typeof data46 !== "string") && (!(data46 && typeof data46 == "object" && !Array.isArray(data46)))){
const err99 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/type",keyword:"type",params:{type: schema70.type},message:"must be string,object",schema:schema70.type,parentSchema:schema70,data:data46};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
const _errs144 = errors;
let valid54 = true;
const _errs145 = errors;
if(!(data46 && typeof data46 == "object" && !Array.isArray(data46))){
const err100 = {};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
var _valid8 = _errs145 === errors;
errors = _errs144;
if(vErrors !== null){
if(_errs144){
vErrors.length = _errs144;
}
else {
vErrors = null;
}
}
if(_valid8){
const _errs147 = errors;
const _errs148 = errors;
let valid55 = false;
let passing2 = null;
const _errs149 = errors;
if(data46 && typeof data46 == "object" && !Array.isArray(data46)){
if(data46.env === undefined){
const err101 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema70.then.oneOf[0].required,parentSchema:schema70.then.oneOf[0],data:data46};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
}
var _valid9 = _errs149 === errors;
if(_valid9){
valid55 = true;
passing2 = 0;
}
const _errs150 = errors;
if(data46 && typeof data46 == "object" && !Array.isArray(data46)){
if(data46.file === undefined){
const err102 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema70.then.oneOf[1].required,parentSchema:schema70.then.oneOf[1],data:data46};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
}
var _valid9 = _errs150 === errors;
if(_valid9 && valid55){
valid55 = false;
passing2 = [passing2, 1];
}
else {
if(_valid9){
valid55 = true;
passing2 = 1;
}
}
if(!valid55){
const err103 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing2},message:"must match exactly one schema in oneOf",schema:schema70.then.oneOf,parentSchema:schema70.then,data:data46};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
else {
errors = _errs148;
if(vErrors !== null){
if(_errs148){
vErrors.length = _errs148;
}
else {
vErrors = null;
}
}
}
var _valid8 = _errs147 === errors;
valid54 = _valid8;
}
if(!valid54){
const err104 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema70.if,parentSchema:schema70,data:data46};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
if(typeof data46 === "string"){
if(func1(data46) < 1){
const err105 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema70,data:data46};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
}
}
if(data46 && typeof data46 == "object" && !Array.isArray(data46)){
for(const key7 in data46){
if(!(((key7 === "env") || (key7 === "file")) || (key7 === "prefix"))){
const err106 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties",schema:false,parentSchema:schema70,data:data46};
if(vErrors === null){
vErrors = [err106];
}
else {
vErrors.push(err106);
}
errors++;
}
}
if(data46.env !== undefined){
let data47 = data46.env;
if(typeof data47 === "string"){
if(func1(data47) < 1){
const err107 = {instancePath:instancePath+"/spec/rabbitURL/env",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema70.properties.env,data:data47};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
}
else {
const err108 = {instancePath:instancePath+"/spec/rabbitURL/env",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema70.properties.env.type,parentSchema:schema70.properties.env,data:data47};
if(vErrors === null){
vErrors = [err108];
}
else {
vErrors.push(err108);
}
errors++;
}
}
if(data46.file !== undefined){
let data48 = data46.file;
if(typeof data48 === "string"){
if(func1(data48) < 1){
const err109 = {instancePath:instancePath+"/spec/rabbitURL/file",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema70.properties.file,data:data48};
if(vErrors === null){
vErrors = [err109];
}
else {
vErrors.push(err109);
}
errors++;
}
}
else {
const err110 = {instancePath:instancePath+"/spec/rabbitURL/file",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema70.properties.file.type,parentSchema:schema70.properties.file,data:data48};
if(vErrors === null){
vErrors = [err110];
}
else {
vErrors.push(err110);
}
errors++;
}
}
if(data46.prefix !== undefined){
let data49 = data46.prefix;
if(typeof data49 !== "string"){
const err111 = {instancePath:instancePath+"/spec/rabbitURL/prefix",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema70.properties.prefix.type,parentSchema:schema70.properties.prefix,data:data49};
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
}
if(data3.rabbitExchange !== undefined){
let data50 = data3.rabbitExchange;
if(typeof data50 !== "string"){
const err112 = {instancePath:instancePath+"/spec/rabbitExchange",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitExchange/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema71.type,parentSchema:schema71,data:data50};
if(vErrors === null){
vErrors = [err112];
}
else {
vErrors.push(err112);
}
errors++;
}
}
if(data3.rabbitRoutingKey !== undefined){
let data51 = data3.rabbitRoutingKey;
if(typeof data51 !== "string"){
const err113 = {instancePath:instancePath+"/spec/rabbitRoutingKey",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitRoutingKey/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema72.type,parentSchema:schema72,data:data51};
if(vErrors === null){
vErrors = [err113];
}
else {
vErrors.push(err113);
}
errors++;
}
}
if(data3.rabbitQueue !== undefined){
let data52 = data3.rabbitQueue;
if(typeof data52 !== "string"){
const err114 = {instancePath:instancePath+"/spec/rabbitQueue",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitQueue/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema73.type,parentSchema:schema73,data:data52};
if(vErrors === null){
vErrors = [err114];
}
else {
vErrors.push(err114);
}
errors++;
}
}
if(data3.rabbitMandatory !== undefined){
let data53 = data3.rabbitMandatory;
if(typeof data53 !== "boolean"){
const err115 = {instancePath:instancePath+"/spec/rabbitMandatory",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitMandatory/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema74.type,parentSchema:schema74,data:data53};
if(vErrors === null){
vErrors = [err115];
}
else {
vErrors.push(err115);
}
errors++;
}
}
if(data3.rabbitCa !== undefined){
let data54 = data3.rabbitCa;
if(typeof data54 === "string"){
if(func1(data54) < 1){
const err116 = {instancePath:instancePath+"/spec/rabbitCa",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitCa/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema75,data:data54};
if(vErrors === null){
vErrors = [err116];
}
else {
vErrors.push(err116);
}
errors++;
}
}
else {
const err117 = {instancePath:instancePath+"/spec/rabbitCa",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitCa/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema75.type,parentSchema:schema75,data:data54};
if(vErrors === null){
vErrors = [err117];
}
else {
vErrors.push(err117);
}
errors++;
}
}
}
else {
const err118 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema76.properties.spec.type,parentSchema:schema76.properties.spec,data:data3};
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
const err119 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema76.type,parentSchema:schema76,data};
if(vErrors === null){
vErrors = [err119];
}
else {
vErrors.push(err119);
}
errors++;
}
validate26.errors = vErrors;
return errors === 0;
}
validate26.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const validateMock = validate37;
const schema128 = {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"mock.schema.json","title":"Mock","description":"Answers HTTP requests.","type":"object","additionalProperties":false,"required":["apiVersion","kind","spec"],"properties":{"apiVersion":{"$ref":"common.schema.json#/$defs/apiVersion"},"kind":{"description":"The kind of resource.","const":"Mock"},"metadata":{"$ref":"common.schema.json#/$defs/metadata"},"spec":{"title":"MockSpec","description":"What the mock answers, and to which requests. Mocks of Mockarty can be pasted here unchanged.","type":"object","additionalProperties":false,"required":["http"],"properties":{"id":{"description":"Name of the mock when `metadata.name` is absent; otherwise it must be the same.","type":"string","minLength":1},"namespace":{"description":"Namespace of the mock when `metadata.namespace` is absent; otherwise it must be the same.","type":"string","minLength":1},"http":{"title":"MockHttp","description":"Which requests the mock answers. All conditions must hold.","type":"object","additionalProperties":false,"properties":{"route":{"description":"Path that begins with `/`. `:name` stands for one segment, `*` at the end for any rest.","type":"string","minLength":1,"maxLength":4096,"pattern":"^/"},"routePattern":{"description":"Regular expression (RE2 syntax) that the whole decoded path must match. With `route`, both must.","type":"string","minLength":1,"maxLength":4096},"httpMethod":{"description":"HTTP method, in capitals. Default: any method.","enum":["GET","HEAD","POST","PUT","PATCH","DELETE","OPTIONS","TRACE","PROPFIND","PROPPATCH","MKCOL","COPY","MOVE","LOCK","UNLOCK","REPORT","SEARCH","PURGE"]},"conditions":{"description":"What the body must be. Paths begin at `$`, the body itself.","type":"array","maxItems":256,"items":{"$ref":"common.schema.json#/$defs/condition"}},"queryParams":{"description":"What query parameters must be.","type":"array","maxItems":256,"items":{"$ref":"common.schema.json#/$defs/namedCondition"}},"header":{"description":"What request headers must be. Names ignore case.","type":"array","maxItems":256,"items":{"$ref":"common.schema.json#/$defs/namedCondition"}},"cookies":{"description":"What cookies must be.","type":"array","maxItems":256,"items":{"$ref":"common.schema.json#/$defs/namedCondition"}},"form":{"description":"What form fields (urlencoded or multipart) must be.","type":"array","maxItems":256,"items":{"$ref":"common.schema.json#/$defs/namedCondition"}},"sortArray":{"description":"Compare lists in all conditions without regard to order. Default: false.","type":"boolean","default":false}},"anyOf":[{"required":["route"]},{"required":["routePattern"]}]},"response":{"$ref":"#/$defs/response","description":"The answer. Exactly one of `response`, `oneOf` and `proxy` is needed."},"oneOf":{"title":"MockOneOf","description":"Several answers, one of which is given each time.","type":"object","additionalProperties":false,"required":["responses"],"properties":{"order":{"description":"`order`: one after the other, again from the first after the last. `random`: drawn each time. Default: order.","enum":["order","random"],"default":"order"},"weights":{"description":"`random`: how often each response is drawn in relation to the others, one number for each. Default: all alike.","type":"array","minItems":1,"maxItems":1024,"items":{"description":"A weight.","type":"number","minimum":0}},"responses":{"description":"The answers.","type":"array","minItems":1,"maxItems":1024,"items":{"$ref":"#/$defs/response"}},"offset":{"description":"Position in the list, kept by Mockarty. Accepted, without meaning here.","deprecated":true}}},"proxy":{"title":"MockProxy","description":"Pass the request on to a real server and its answer back. The network guard applies.","type":"object","additionalProperties":false,"required":["target"],"properties":{"target":{"description":"Base URL of the server, `http://` or `https://`. The path and query of the request are appended.","type":"string","pattern":"^https?://[^\\s]+$"}}},"webhooks":{"description":"Callbacks sent when the mock has answered.","type":"array","maxItems":64,"items":{"$ref":"common.schema.json#/$defs/callback"}},"extract":{"title":"MockExtract","description":"Values to keep before the answer is made, so that the answer can use them: key and expression.","type":"object","additionalProperties":false,"properties":{"mStore":{"title":"ExtractMockStore","description":"Into `$.mS`, which lives for this request.","type":"object","maxProperties":1024},"cStore":{"title":"ExtractChainStore","description":"Into `$.cS`, shared by the mocks of one `chainId`.","type":"object","maxProperties":1024},"gStore":{"title":"ExtractGlobalStore","description":"Into `$.gS`, shared by the namespace.","type":"object","maxProperties":1024}}},"extractors":{"description":"The older form of `extract`.","type":"array","maxItems":256,"items":{"title":"Extractor","description":"One value to keep.","type":"object","additionalProperties":false,"required":["toStore","key"],"properties":{"from":{"description":"Part of the request to take it from. Default: body.","enum":["body","header","query","path"],"default":"body"},"jsonPath":{"description":"Where in that part: a JSONPath for a body, else a name. Default: all of it.","type":"string","minLength":1},"toStore":{"description":"The store to put it into.","enum":["mock","chain","global"]},"key":{"description":"The key in the store.","type":"string","minLength":1,"maxLength":1024}}}},"mStore":{"title":"MockStore","description":"What `$.mS` holds when a request begins. Expressions allowed.","type":"object","maxProperties":1024},"chainId":{"description":"Mocks with the same chain id share `$.cS`. May be an expression, such as `$.reqHeader.X-Session[0]`.","type":"string","minLength":1,"maxLength":4096},"priority":{"description":"Of several mocks that match, the one with the higher number answers. Default: 0.","type":"integer","minimum":-1000000000,"maximum":1000000000,"default":0},"ttl":{"description":"Seconds the mock lives, counted from the first time it was applied. 0 or absent: for ever.","type":"number","minimum":0,"default":0},"useLimiter":{"description":"How many requests it answers before it stops matching. 0 or absent: no limit.","type":"integer","minimum":0,"default":0},"tags":{"description":"Words for grouping mocks; callbacks can select by them.","type":"array","maxItems":256,"items":{"description":"A tag.","type":"string","minLength":1}},"faults":{"title":"Faults","description":"Things that go wrong on purpose: one, or a list of which the first that is drawn happens.","type":["object","array"],"if":{"type":"array"},"then":{"maxItems":64,"items":{"$ref":"#/$defs/fault"}},"else":{"$ref":"#/$defs/fault"}},"createdAt":{"description":"Time of creation, kept by Mockarty. Accepted, without meaning here.","deprecated":true},"updatedAt":{"description":"Time of the last change, kept by Mockarty. Accepted, without meaning here.","deprecated":true},"lastUse":{"description":"Time of the last use, kept by Mockarty; see the status API. Accepted, without meaning here.","deprecated":true},"expireAt":{"description":"Time of expiry, kept by Mockarty; use `ttl`. Accepted, without meaning here.","deprecated":true},"closedAt":{"description":"Time of deletion, kept by Mockarty. Accepted, without meaning here.","deprecated":true},"folderId":{"description":"Folder in Mockarty; use labels. Accepted, without meaning here.","deprecated":true},"useCounter":{"description":"Number of uses, kept by Mockarty; see the status API. Accepted, without meaning here.","deprecated":true},"pathPrefix":{"description":"Path prefix of Mockarty; write it into the route. Accepted, without meaning here.","deprecated":true},"serverName":{"description":"Name of a generated server of Mockarty. Accepted, without meaning here.","deprecated":true},"grpc":{"description":"gRPC mock. Accepted, without meaning here.","deprecated":true},"mcp":{"description":"MCP mock. Accepted, without meaning here.","deprecated":true},"socket":{"description":"Socket mock. Accepted, without meaning here.","deprecated":true},"soap":{"description":"SOAP mock. Accepted, without meaning here.","deprecated":true},"graphql":{"description":"GraphQL mock. Accepted, without meaning here.","deprecated":true},"sse":{"description":"Server-sent events mock. Accepted, without meaning here.","deprecated":true},"kafka":{"description":"Kafka mock. Accepted, without meaning here.","deprecated":true},"rabbitmq":{"description":"RabbitMQ mock. Accepted, without meaning here.","deprecated":true},"smtp":{"description":"SMTP mock. Accepted, without meaning here.","deprecated":true},"s3":{"description":"S3 mock. Accepted, without meaning here.","deprecated":true}},"oneOf":[{"required":["response"]},{"required":["oneOf"]},{"required":["proxy"]}]}},"$defs":{"response":{"title":"MockResponse","description":"An answer.","type":"object","additionalProperties":false,"properties":{"statusCode":{"description":"HTTP status. Default: 200.","type":"integer","minimum":200,"maximum":599,"default":200},"headers":{"$ref":"common.schema.json#/$defs/responseHeaders"},"payload":{"description":"The body: any JSON (sent as JSON) or text, expressions allowed. Default: empty."},"payloadTemplatePath":{"description":"File that holds the body, relative to the folder of this document. Expressions in it are evaluated as in `payload`, instead of which it stands.","type":"string","minLength":1},"decode":{"description":"`base64`: the body is base64 and is decoded before it is sent. Default: as it is.","enum":["base64",""]},"delay":{"title":"Delay","description":"Milliseconds to wait before answering, or `{min, max}` to draw from. Default: 0.","type":["number","object"],"minimum":0,"maximum":3600000,"default":0,"additionalProperties":false,"required":["min","max"],"properties":{"min":{"description":"Shortest delay in milliseconds.","type":"number","minimum":0,"maximum":3600000},"max":{"description":"Longest delay in milliseconds.","type":"number","minimum":0,"maximum":3600000}}},"error":{"description":"Text of an error: answered as `{\"error\": text}` with status 500 unless payload and statusCode say otherwise. Expressions allowed.","type":"string"},"errorDetails":{"description":"gRPC error details. Accepted, without meaning here.","deprecated":true},"sseEventChain":{"description":"Server-sent events. Accepted, without meaning here.","deprecated":true},"graphqlErrors":{"description":"GraphQL errors. Accepted, without meaning here.","deprecated":true},"soapFault":{"description":"SOAP fault. Accepted, without meaning here.","deprecated":true},"mcpIsError":{"description":"MCP error mark. Accepted, without meaning here.","deprecated":true}},"not":{"required":["payload","payloadTemplatePath"]}},"fault":{"title":"Fault","description":"Something that goes wrong on purpose.","type":"object","additionalProperties":false,"required":["kind"],"properties":{"kind":{"description":"`status`: answer with `statusCode` and no body. `reset`: cut the connection. `empty`: close it without an answer. `malformed`: send what is no valid answer. `slow`: send the body in pieces over `duration`.","enum":["status","reset","empty","malformed","slow"]},"rate":{"description":"Share of requests it happens to, 0 to 1. Default: 1.","type":"number","minimum":0,"maximum":1,"default":1},"statusCode":{"description":"`status`: the HTTP status. Default: 503.","type":"integer","minimum":200,"maximum":599,"default":503},"duration":{"description":"`slow`: milliseconds over which the body is sent. Default: 1000.","type":"number","minimum":0,"maximum":3600000,"default":1000},"seed":{"description":"Makes the choice of requests repeatable. Default: random.","type":"integer"}}}}};
const schema151 = {"title":"Fault","description":"Something that goes wrong on purpose.","type":"object","additionalProperties":false,"required":["kind"],"properties":{"kind":{"description":"`status`: answer with `statusCode` and no body. `reset`: cut the connection. `empty`: close it without an answer. `malformed`: send what is no valid answer. `slow`: send the body in pieces over `duration`.","enum":["status","reset","empty","malformed","slow"]},"rate":{"description":"Share of requests it happens to, 0 to 1. Default: 1.","type":"number","minimum":0,"maximum":1,"default":1},"statusCode":{"description":"`status`: the HTTP status. Default: 503.","type":"integer","minimum":200,"maximum":599,"default":503},"duration":{"description":"`slow`: milliseconds over which the body is sent. Default: 1000.","type":"number","minimum":0,"maximum":3600000,"default":1000},"seed":{"description":"Makes the choice of requests repeatable. Default: random.","type":"integer"}}};

function validate38(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate38.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((((key0 === "name") || (key0 === "namespace")) || (key0 === "labels")) || (key0 === "annotations"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema78,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.name !== undefined){
let data0 = data.name;
if(typeof data0 === "string"){
if(func1(data0) > 253){
const err1 = {instancePath:instancePath+"/name",schemaPath:"#/$defs/resourceName/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema34,data:data0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(func1(data0) < 1){
const err2 = {instancePath:instancePath+"/name",schemaPath:"#/$defs/resourceName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema34,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(!pattern4.test(data0)){
const err3 = {instancePath:instancePath+"/name",schemaPath:"#/$defs/resourceName/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"},message:"must match pattern \""+"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"+"\"",schema:"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",parentSchema:schema34,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
else {
const err4 = {instancePath:instancePath+"/name",schemaPath:"#/$defs/resourceName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.type,parentSchema:schema34,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.namespace !== undefined){
let data1 = data.namespace;
if(typeof data1 === "string"){
if(func1(data1) > 63){
const err5 = {instancePath:instancePath+"/namespace",schemaPath:"#/$defs/namespaceName/maxLength",keyword:"maxLength",params:{limit: 63},message:"must NOT have more than 63 characters",schema:63,parentSchema:schema80,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(func1(data1) < 1){
const err6 = {instancePath:instancePath+"/namespace",schemaPath:"#/$defs/namespaceName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema80,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(!pattern8.test(data1)){
const err7 = {instancePath:instancePath+"/namespace",schemaPath:"#/$defs/namespaceName/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"},message:"must match pattern \""+"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"+"\"",schema:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",parentSchema:schema80,data:data1};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/namespace",schemaPath:"#/$defs/namespaceName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema80.type,parentSchema:schema80,data:data1};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.labels !== undefined){
let data2 = data.labels;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
if(Object.keys(data2).length > 64){
const err9 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/maxProperties",keyword:"maxProperties",params:{limit: 64},message:"must NOT have more than 64 properties",schema:64,parentSchema:schema35,data:data2};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
for(const key1 in data2){
const _errs11 = errors;
if(typeof key1 === "string"){
if(func1(key1) > 253){
const err10 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/propertyNames/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema35.propertyNames,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if(func1(key1) < 1){
const err11 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/propertyNames/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema35.propertyNames,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
var valid4 = _errs11 === errors;
if(!valid4){
const err12 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/propertyNames",keyword:"propertyNames",params:{propertyName: key1},message:"property name must be valid",schema:schema35.propertyNames,parentSchema:schema35,data:data2};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
for(const key2 in data2){
let data3 = data2[key2];
if(typeof data3 === "string"){
if(func1(data3) > 1024){
const err13 = {instancePath:instancePath+"/labels/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/labels/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters",schema:1024,parentSchema:schema35.additionalProperties,data:data3};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
else {
const err14 = {instancePath:instancePath+"/labels/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/labels/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema35.additionalProperties.type,parentSchema:schema35.additionalProperties,data:data3};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
else {
const err15 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema35.type,parentSchema:schema35,data:data2};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.annotations !== undefined){
let data4 = data.annotations;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(Object.keys(data4).length > 64){
const err16 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/maxProperties",keyword:"maxProperties",params:{limit: 64},message:"must NOT have more than 64 properties",schema:64,parentSchema:schema36,data:data4};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
for(const key3 in data4){
const _errs18 = errors;
if(typeof key3 === "string"){
if(func1(key3) > 253){
const err17 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/propertyNames/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema36.propertyNames,data:key3,propertyName:key3};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if(func1(key3) < 1){
const err18 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/propertyNames/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.propertyNames,data:key3,propertyName:key3};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
var valid7 = _errs18 === errors;
if(!valid7){
const err19 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/propertyNames",keyword:"propertyNames",params:{propertyName: key3},message:"property name must be valid",schema:schema36.propertyNames,parentSchema:schema36,data:data4};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
for(const key4 in data4){
if(!((key4 === "callboard/renamed-from") || (key4 === "callboard/faker-seed"))){
let data5 = data4[key4];
if(typeof data5 === "string"){
if(func1(data5) > 65536){
const err20 = {instancePath:instancePath+"/annotations/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/annotations/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 65536},message:"must NOT have more than 65536 characters",schema:65536,parentSchema:schema36.additionalProperties,data:data5};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
else {
const err21 = {instancePath:instancePath+"/annotations/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/annotations/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.additionalProperties.type,parentSchema:schema36.additionalProperties,data:data5};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
}
if(data4["callboard/renamed-from"] !== undefined){
let data6 = data4["callboard/renamed-from"];
if(typeof data6 === "string"){
if(func1(data6) < 1){
const err22 = {instancePath:instancePath+"/annotations/callboard~1renamed-from",schemaPath:"#/$defs/annotations/properties/callboard~1renamed-from/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.properties["callboard/renamed-from"],data:data6};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
else {
const err23 = {instancePath:instancePath+"/annotations/callboard~1renamed-from",schemaPath:"#/$defs/annotations/properties/callboard~1renamed-from/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.properties["callboard/renamed-from"].type,parentSchema:schema36.properties["callboard/renamed-from"],data:data6};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data4["callboard/faker-seed"] !== undefined){
let data7 = data4["callboard/faker-seed"];
if(typeof data7 === "string"){
if(func1(data7) < 1){
const err24 = {instancePath:instancePath+"/annotations/callboard~1faker-seed",schemaPath:"#/$defs/annotations/properties/callboard~1faker-seed/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.properties["callboard/faker-seed"],data:data7};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
else {
const err25 = {instancePath:instancePath+"/annotations/callboard~1faker-seed",schemaPath:"#/$defs/annotations/properties/callboard~1faker-seed/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.properties["callboard/faker-seed"].type,parentSchema:schema36.properties["callboard/faker-seed"],data:data7};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
}
else {
const err26 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema36.type,parentSchema:schema36,data:data4};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
}
else {
const err27 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema78.type,parentSchema:schema78,data};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
validate38.errors = vErrors;
return errors === 0;
}
validate38.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate40(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate40.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs1 = errors;
const _errs2 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.value === undefined) && (missing0 = "value")) || ((data.valueFromFile === undefined) && (missing0 = "valueFromFile"))){
const err0 = {};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
var valid0 = _errs2 === errors;
if(valid0){
const err1 = {instancePath,schemaPath:"#/not",keyword:"not",params:{},message:"must NOT be valid",schema:schema92.not,parentSchema:schema92,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
else {
errors = _errs1;
if(vErrors !== null){
if(_errs1){
vErrors.length = _errs1;
}
else {
vErrors = null;
}
}
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((((((key0 === "path") || (key0 === "assertAction")) || (key0 === "value")) || (key0 === "valueFromFile")) || (key0 === "decode")) || (key0 === "sortArray"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema92,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.path !== undefined){
let data0 = data.path;
if(typeof data0 === "string"){
if(func1(data0) < 1){
const err3 = {instancePath:instancePath+"/path",schemaPath:"#/properties/path/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema92.properties.path,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
else {
const err4 = {instancePath:instancePath+"/path",schemaPath:"#/properties/path/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema92.properties.path.type,parentSchema:schema92.properties.path,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.assertAction !== undefined){
let data1 = data.assertAction;
if(!(((((((((((((data1 === "equals") || (data1 === "not_equals")) || (data1 === "contains")) || (data1 === "not_contains")) || (data1 === "any")) || (data1 === "notEmpty")) || (data1 === "empty")) || (data1 === "matches")) || (data1 === "gt")) || (data1 === "gte")) || (data1 === "lt")) || (data1 === "lte")) || (data1 === "jsonSchema"))){
const err5 = {instancePath:instancePath+"/assertAction",schemaPath:"#/$defs/assertAction/enum",keyword:"enum",params:{allowedValues: schema93.enum},message:"must be equal to one of the allowed values",schema:schema93.enum,parentSchema:schema93,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.valueFromFile !== undefined){
let data2 = data.valueFromFile;
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err6 = {instancePath:instancePath+"/valueFromFile",schemaPath:"#/properties/valueFromFile/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema92.properties.valueFromFile,data:data2};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/valueFromFile",schemaPath:"#/properties/valueFromFile/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema92.properties.valueFromFile.type,parentSchema:schema92.properties.valueFromFile,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.decode !== undefined){
let data3 = data.decode;
if(!((data3 === "base64") || (data3 === ""))){
const err8 = {instancePath:instancePath+"/decode",schemaPath:"#/properties/decode/enum",keyword:"enum",params:{allowedValues: schema92.properties.decode.enum},message:"must be equal to one of the allowed values",schema:schema92.properties.decode.enum,parentSchema:schema92.properties.decode,data:data3};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.sortArray !== undefined){
let data4 = data.sortArray;
if(typeof data4 !== "boolean"){
const err9 = {instancePath:instancePath+"/sortArray",schemaPath:"#/properties/sortArray/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema92.properties.sortArray.type,parentSchema:schema92.properties.sortArray,data:data4};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
}
else {
const err10 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema92.type,parentSchema:schema92,data};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
validate40.errors = vErrors;
return errors === 0;
}
validate40.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema137 = {"title":"NamedCondition","description":"One thing a header, query parameter, cookie or form field must be.","$ref":"#/$defs/condition","required":["path"]};

function validate42(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate42.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(!(validate30(data, {instancePath,parentData,parentDataProperty,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate30.errors : vErrors.concat(validate30.errors);
errors = vErrors.length;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.path === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "path"},message:"must have required property '"+"path"+"'",schema:schema137.required,parentSchema:schema137,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
validate42.errors = vErrors;
return errors === 0;
}
validate42.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema138 = {"title":"MockResponse","description":"An answer.","type":"object","additionalProperties":false,"properties":{"statusCode":{"description":"HTTP status. Default: 200.","type":"integer","minimum":200,"maximum":599,"default":200},"headers":{"$ref":"common.schema.json#/$defs/responseHeaders"},"payload":{"description":"The body: any JSON (sent as JSON) or text, expressions allowed. Default: empty."},"payloadTemplatePath":{"description":"File that holds the body, relative to the folder of this document. Expressions in it are evaluated as in `payload`, instead of which it stands.","type":"string","minLength":1},"decode":{"description":"`base64`: the body is base64 and is decoded before it is sent. Default: as it is.","enum":["base64",""]},"delay":{"title":"Delay","description":"Milliseconds to wait before answering, or `{min, max}` to draw from. Default: 0.","type":["number","object"],"minimum":0,"maximum":3600000,"default":0,"additionalProperties":false,"required":["min","max"],"properties":{"min":{"description":"Shortest delay in milliseconds.","type":"number","minimum":0,"maximum":3600000},"max":{"description":"Longest delay in milliseconds.","type":"number","minimum":0,"maximum":3600000}}},"error":{"description":"Text of an error: answered as `{\"error\": text}` with status 500 unless payload and statusCode say otherwise. Expressions allowed.","type":"string"},"errorDetails":{"description":"gRPC error details. Accepted, without meaning here.","deprecated":true},"sseEventChain":{"description":"Server-sent events. Accepted, without meaning here.","deprecated":true},"graphqlErrors":{"description":"GraphQL errors. Accepted, without meaning here.","deprecated":true},"soapFault":{"description":"SOAP fault. Accepted, without meaning here.","deprecated":true},"mcpIsError":{"description":"MCP error mark. Accepted, without meaning here.","deprecated":true}},"not":{"required":["payload","payloadTemplatePath"]}};
const schema139 = {"title":"ResponseHeaders","description":"Header names and their values (one, or a list). Values may hold expressions.","type":"object","maxProperties":256,"propertyNames":{"pattern":"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},"additionalProperties":{"$ref":"#/$defs/headerValue"}};
const schema140 = {"title":"HeaderValue","description":"One value, or a list that repeats the header.","type":["string","number","boolean","array"],"items":{"description":"One of the values.","type":["string","number","boolean"]}};

function validate49(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate49.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(Object.keys(data).length > 256){
const err0 = {instancePath,schemaPath:"#/maxProperties",keyword:"maxProperties",params:{limit: 256},message:"must NOT have more than 256 properties",schema:256,parentSchema:schema139,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
const _errs1 = errors;
if(typeof key0 === "string"){
if(!pattern5.test(key0)){
const err1 = {instancePath,schemaPath:"#/propertyNames/pattern",keyword:"pattern",params:{pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},message:"must match pattern \""+"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"+"\"",schema:"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",parentSchema:schema139.propertyNames,data:key0,propertyName:key0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
var valid0 = _errs1 === errors;
if(!valid0){
const err2 = {instancePath,schemaPath:"#/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid",schema:schema139.propertyNames,parentSchema:schema139,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
for(const key1 in data){
let data0 = data[key1];
if((((typeof data0 !== "string") && (!((typeof data0 == "number") && (isFinite(data0))))) && (typeof data0 !== "boolean")) && (!(Array.isArray(data0)))){
const err3 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/headerValue/type",keyword:"type",params:{type: schema140.type},message:"must be string,number,boolean,array",schema:schema140.type,parentSchema:schema140,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(Array.isArray(data0)){
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
let data1 = data0[i0];
if(((typeof data1 !== "string") && (!((typeof data1 == "number") && (isFinite(data1))))) && (typeof data1 !== "boolean")){
const err4 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i0,schemaPath:"#/$defs/headerValue/items/type",keyword:"type",params:{type: schema140.items.type},message:"must be string,number,boolean",schema:schema140.items.type,parentSchema:schema140.items,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
}
}
}
else {
const err5 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema139.type,parentSchema:schema139,data};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
validate49.errors = vErrors;
return errors === 0;
}
validate49.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate48(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate48.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs1 = errors;
const _errs2 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.payload === undefined) && (missing0 = "payload")) || ((data.payloadTemplatePath === undefined) && (missing0 = "payloadTemplatePath"))){
const err0 = {};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
var valid0 = _errs2 === errors;
if(valid0){
const err1 = {instancePath,schemaPath:"#/not",keyword:"not",params:{},message:"must NOT be valid",schema:schema138.not,parentSchema:schema138,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
else {
errors = _errs1;
if(vErrors !== null){
if(_errs1){
vErrors.length = _errs1;
}
else {
vErrors = null;
}
}
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(func11.call(schema138.properties, key0))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema138,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.statusCode !== undefined){
let data0 = data.statusCode;
if(!(((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0))) && (isFinite(data0)))){
const err3 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema138.properties.statusCode.type,parentSchema:schema138.properties.statusCode,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if((typeof data0 == "number") && (isFinite(data0))){
if(data0 > 599 || isNaN(data0)){
const err4 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/maximum",keyword:"maximum",params:{comparison: "<=", limit: 599},message:"must be <= 599",schema:599,parentSchema:schema138.properties.statusCode,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(data0 < 200 || isNaN(data0)){
const err5 = {instancePath:instancePath+"/statusCode",schemaPath:"#/properties/statusCode/minimum",keyword:"minimum",params:{comparison: ">=", limit: 200},message:"must be >= 200",schema:200,parentSchema:schema138.properties.statusCode,data:data0};
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
if(data.headers !== undefined){
if(!(validate49(data.headers, {instancePath:instancePath+"/headers",parentData:data,parentDataProperty:"headers",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate49.errors : vErrors.concat(validate49.errors);
errors = vErrors.length;
}
}
if(data.payloadTemplatePath !== undefined){
let data2 = data.payloadTemplatePath;
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err6 = {instancePath:instancePath+"/payloadTemplatePath",schemaPath:"#/properties/payloadTemplatePath/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema138.properties.payloadTemplatePath,data:data2};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/payloadTemplatePath",schemaPath:"#/properties/payloadTemplatePath/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema138.properties.payloadTemplatePath.type,parentSchema:schema138.properties.payloadTemplatePath,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.decode !== undefined){
let data3 = data.decode;
if(!((data3 === "base64") || (data3 === ""))){
const err8 = {instancePath:instancePath+"/decode",schemaPath:"#/properties/decode/enum",keyword:"enum",params:{allowedValues: schema138.properties.decode.enum},message:"must be equal to one of the allowed values",schema:schema138.properties.decode.enum,parentSchema:schema138.properties.decode,data:data3};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.delay !== undefined){
let data4 = data.delay;
if((!((typeof data4 == "number") && (isFinite(data4)))) && (!(data4 && typeof data4 == "object" && !Array.isArray(data4)))){
const err9 = {instancePath:instancePath+"/delay",schemaPath:"#/properties/delay/type",keyword:"type",params:{type: schema138.properties.delay.type},message:"must be number,object",schema:schema138.properties.delay.type,parentSchema:schema138.properties.delay,data:data4};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if((typeof data4 == "number") && (isFinite(data4))){
if(data4 > 3600000 || isNaN(data4)){
const err10 = {instancePath:instancePath+"/delay",schemaPath:"#/properties/delay/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600000},message:"must be <= 3600000",schema:3600000,parentSchema:schema138.properties.delay,data:data4};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if(data4 < 0 || isNaN(data4)){
const err11 = {instancePath:instancePath+"/delay",schemaPath:"#/properties/delay/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema138.properties.delay,data:data4};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.min === undefined){
const err12 = {instancePath:instancePath+"/delay",schemaPath:"#/properties/delay/required",keyword:"required",params:{missingProperty: "min"},message:"must have required property '"+"min"+"'",schema:schema138.properties.delay.required,parentSchema:schema138.properties.delay,data:data4};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
if(data4.max === undefined){
const err13 = {instancePath:instancePath+"/delay",schemaPath:"#/properties/delay/required",keyword:"required",params:{missingProperty: "max"},message:"must have required property '"+"max"+"'",schema:schema138.properties.delay.required,parentSchema:schema138.properties.delay,data:data4};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
for(const key1 in data4){
if(!((key1 === "min") || (key1 === "max"))){
const err14 = {instancePath:instancePath+"/delay",schemaPath:"#/properties/delay/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema138.properties.delay,data:data4};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data4.min !== undefined){
let data5 = data4.min;
if((typeof data5 == "number") && (isFinite(data5))){
if(data5 > 3600000 || isNaN(data5)){
const err15 = {instancePath:instancePath+"/delay/min",schemaPath:"#/properties/delay/properties/min/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600000},message:"must be <= 3600000",schema:3600000,parentSchema:schema138.properties.delay.properties.min,data:data5};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
if(data5 < 0 || isNaN(data5)){
const err16 = {instancePath:instancePath+"/delay/min",schemaPath:"#/properties/delay/properties/min/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema138.properties.delay.properties.min,data:data5};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
else {
const err17 = {instancePath:instancePath+"/delay/min",schemaPath:"#/properties/delay/properties/min/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema138.properties.delay.properties.min.type,parentSchema:schema138.properties.delay.properties.min,data:data5};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
if(data4.max !== undefined){
let data6 = data4.max;
if((typeof data6 == "number") && (isFinite(data6))){
if(data6 > 3600000 || isNaN(data6)){
const err18 = {instancePath:instancePath+"/delay/max",schemaPath:"#/properties/delay/properties/max/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600000},message:"must be <= 3600000",schema:3600000,parentSchema:schema138.properties.delay.properties.max,data:data6};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(data6 < 0 || isNaN(data6)){
const err19 = {instancePath:instancePath+"/delay/max",schemaPath:"#/properties/delay/properties/max/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema138.properties.delay.properties.max,data:data6};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
else {
const err20 = {instancePath:instancePath+"/delay/max",schemaPath:"#/properties/delay/properties/max/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema138.properties.delay.properties.max.type,parentSchema:schema138.properties.delay.properties.max,data:data6};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
}
}
if(data.error !== undefined){
let data7 = data.error;
if(typeof data7 !== "string"){
const err21 = {instancePath:instancePath+"/error",schemaPath:"#/properties/error/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema138.properties.error.type,parentSchema:schema138.properties.error,data:data7};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
}
else {
const err22 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema138.type,parentSchema:schema138,data};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
validate48.errors = vErrors;
return errors === 0;
}
validate48.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema141 = {"title":"Callback","description":"Something sent out after the mock has answered: an HTTP request, a Kafka message or a RabbitMQ message.","type":"object","additionalProperties":false,"properties":{"name":{"description":"Name of this callback within the mock, for the delivery log. Default: its number.","type":"string","minLength":1,"maxLength":253},"type":{"description":"How it is sent. Default: http.","enum":["http","kafka","rabbitmq"],"default":"http"},"trigger":{"description":"When it is sent, by the status the mock answered with: `on_success` (200 to 299), `on_error` (400 and up), `always`. Default: always.","enum":["on_success","on_error","always",""],"default":"always"},"conditions":{"description":"Conditions on the request body that must hold as well.","type":"array","maxItems":256,"items":{"$ref":"#/$defs/condition"}},"delay":{"description":"Seconds between the answer and the first attempt. Kept over a restart. Default: 0.","type":"number","minimum":0,"default":0},"async":{"description":"true: the answer does not wait, and the callback survives a restart. false: the answer waits for the outcome. Default: true.","type":"boolean","default":true},"timeout":{"description":"Seconds an attempt may take. Default: 30.","type":"number","exclusiveMinimum":0,"default":30,"x-unit":"s"},"retryCount":{"description":"Further attempts after the first failed one. Default: 0.","type":"integer","minimum":0,"maximum":1000,"default":0},"retryDelay":{"description":"Seconds between two attempts. Default: 1.","type":"number","minimum":0,"default":1,"x-unit":"s"},"retryPolicy":{"description":"`fixed`: the same delay each time. `exponential`: doubled each time. Default: fixed.","enum":["fixed","exponential"],"default":"fixed"},"headers":{"$ref":"#/$defs/requestHeaders","description":"Headers of the request or message. For Kafka, Content-Type is left out; for RabbitMQ it becomes the content type of the message, and Content-Encoding, Correlation-Id and Reply-To become its properties as well."},"body":{"description":"Any JSON or text, expressions allowed. Text is sent as text/plain, anything else as JSON, unless a header says otherwise. Default: empty."},"sign":{"$ref":"#/$defs/signature"},"durability":{"description":"`write`: survives a killed process. `sync`: the answer waits until it is on disk, survives power loss too. Default: write.","enum":["write","sync"],"default":"write"},"breaker":{"description":"Stop trying a target for a while after repeated network failures. Default: true.","type":"boolean","default":true},"url":{"title":"TargetUrl","description":"http: where to send it, expressions allowed; or a secret when the URL itself is the credential.","type":["string","object"],"minLength":1,"x-secret":"password","additionalProperties":false,"properties":{"env":{"description":"Name of the environment variable that holds the URL.","type":"string","minLength":1},"file":{"description":"Path of the file that holds the URL.","type":"string","minLength":1},"prefix":{"description":"Text put before the value. Default: none.","type":"string","default":""}},"if":{"type":"object"},"then":{"oneOf":[{"required":["env"]},{"required":["file"]}]}},"method":{"description":"http: the method. Default: POST.","enum":["POST","PUT","PATCH","DELETE","GET"],"default":"POST"},"kafkaBrokers":{"description":"kafka: addresses of brokers, separated by commas: `kafka1:9092,kafka2:9092`.","type":"string","minLength":1},"kafkaTopic":{"description":"kafka: the topic, expressions allowed.","type":"string","minLength":1},"kafkaKey":{"description":"kafka: the message key, expressions allowed. Default: none.","type":"string","default":""},"kafkaUseSASL":{"description":"kafka: log in with user name and password. Default: false.","type":"boolean","default":false},"kafkaSaslMechanism":{"description":"kafka: how to log in. Default: plain.","enum":["plain","scram-sha-256","scram-sha-512"],"default":"plain"},"kafkaUsername":{"description":"kafka: the user name for SASL.","type":"string","default":""},"kafkaPassword":{"$ref":"#/$defs/secret","description":"kafka: the password for SASL."},"kafkaUseTLS":{"description":"kafka: connect with TLS (1.2 or newer). Default: false.","type":"boolean","default":false},"kafkaCa":{"description":"kafka: PEM file of the authority that signed the brokers' certificates. Default: the system's.","type":"string","minLength":1},"rabbitURL":{"title":"RabbitUrl","description":"rabbitmq: AMQP address, `amqp://user:password@host:5672/vhost` or `amqps://`, expressions allowed; best as a secret when it has a password. Without a user it is guest, whom brokers accept from their own machine only.","type":["string","object"],"minLength":1,"x-secret":"password","additionalProperties":false,"properties":{"env":{"description":"Name of the environment variable that holds the URL.","type":"string","minLength":1},"file":{"description":"Path of the file that holds the URL.","type":"string","minLength":1},"prefix":{"description":"Text put before the value. Default: none.","type":"string","default":""}},"if":{"type":"object"},"then":{"oneOf":[{"required":["env"]},{"required":["file"]}]}},"rabbitExchange":{"description":"rabbitmq: the exchange, expressions allowed. Default: the default exchange.","type":"string","default":""},"rabbitRoutingKey":{"description":"rabbitmq: the routing key, expressions allowed. Default: none.","type":"string","default":""},"rabbitQueue":{"description":"rabbitmq: the queue, expressions allowed; used as routing key on the default exchange when exchange and routing key are empty.","type":"string","default":""},"rabbitMandatory":{"description":"rabbitmq: a message that reaches no queue counts as a failed attempt. Default: false.","type":"boolean","default":false},"rabbitCa":{"description":"rabbitmq: path, on the machine that sends, of the PEM file of the authority that signed the broker's certificate, for amqps. Default: the system's.","type":"string","minLength":1}},"allOf":[{"if":{"properties":{"type":{"const":"kafka"}},"required":["type"]},"then":{"required":["kafkaBrokers","kafkaTopic"]}},{"if":{"properties":{"type":{"const":"rabbitmq"}},"required":["type"]},"then":{"required":["rabbitURL"]}},{"if":{"properties":{"type":{"const":"http"}}},"then":{"required":["url"]}},{"if":{"properties":{"kafkaUseSASL":{"const":true}},"required":["kafkaUseSASL"]},"then":{"required":["kafkaUsername","kafkaPassword"]}}]};

function validate55(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate55.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(Object.keys(data).length > 256){
const err0 = {instancePath,schemaPath:"#/maxProperties",keyword:"maxProperties",params:{limit: 256},message:"must NOT have more than 256 properties",schema:256,parentSchema:schema49,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
const _errs1 = errors;
if(typeof key0 === "string"){
if(!pattern5.test(key0)){
const err1 = {instancePath,schemaPath:"#/propertyNames/pattern",keyword:"pattern",params:{pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},message:"must match pattern \""+"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"+"\"",schema:"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",parentSchema:schema49.propertyNames,data:key0,propertyName:key0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
var valid0 = _errs1 === errors;
if(!valid0){
const err2 = {instancePath,schemaPath:"#/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid",schema:schema49.propertyNames,parentSchema:schema49,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
for(const key1 in data){
if(!((((key1 === "Authorization") || (key1 === "Cookie")) || (key1 === "Proxy-Authorization")) || (key1 === "X-Api-Key"))){
let data0 = data[key1];
if((((typeof data0 !== "string") && (!((typeof data0 == "number") && (isFinite(data0))))) && (typeof data0 !== "boolean")) && (!(data0 && typeof data0 == "object" && !Array.isArray(data0)))){
const err3 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/type",keyword:"type",params:{type: schema49.additionalProperties.type},message:"must be string,number,boolean,object",schema:schema49.additionalProperties.type,parentSchema:schema49.additionalProperties,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
const _errs5 = errors;
let valid2 = true;
const _errs6 = errors;
if(!(data0 && typeof data0 == "object" && !Array.isArray(data0))){
const err4 = {};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
var _valid0 = _errs6 === errors;
errors = _errs5;
if(vErrors !== null){
if(_errs5){
vErrors.length = _errs5;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs8 = errors;
const _errs9 = errors;
let valid3 = false;
let passing0 = null;
const _errs10 = errors;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.env === undefined){
const err5 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema49.additionalProperties.then.oneOf[0].required,parentSchema:schema49.additionalProperties.then.oneOf[0],data:data0};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
var _valid1 = _errs10 === errors;
if(_valid1){
valid3 = true;
passing0 = 0;
}
const _errs11 = errors;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.file === undefined){
const err6 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema49.additionalProperties.then.oneOf[1].required,parentSchema:schema49.additionalProperties.then.oneOf[1],data:data0};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
var _valid1 = _errs11 === errors;
if(_valid1 && valid3){
valid3 = false;
passing0 = [passing0, 1];
}
else {
if(_valid1){
valid3 = true;
passing0 = 1;
}
}
if(!valid3){
const err7 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf",schema:schema49.additionalProperties.then.oneOf,parentSchema:schema49.additionalProperties.then,data:data0};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
else {
errors = _errs9;
if(vErrors !== null){
if(_errs9){
vErrors.length = _errs9;
}
else {
vErrors = null;
}
}
}
var _valid0 = _errs8 === errors;
valid2 = _valid0;
}
if(!valid2){
const err8 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema49.additionalProperties.if,parentSchema:schema49.additionalProperties,data:data0};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
for(const key2 in data0){
if(!(((key2 === "env") || (key2 === "file")) || (key2 === "prefix"))){
const err9 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema49.additionalProperties,data:data0};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data0.env !== undefined){
let data1 = data0.env;
if(typeof data1 === "string"){
if(func1(data1) < 1){
const err10 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/env",schemaPath:"#/additionalProperties/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema49.additionalProperties.properties.env,data:data1};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
else {
const err11 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/env",schemaPath:"#/additionalProperties/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema49.additionalProperties.properties.env.type,parentSchema:schema49.additionalProperties.properties.env,data:data1};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data0.file !== undefined){
let data2 = data0.file;
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err12 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/file",schemaPath:"#/additionalProperties/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema49.additionalProperties.properties.file,data:data2};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
else {
const err13 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/file",schemaPath:"#/additionalProperties/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema49.additionalProperties.properties.file.type,parentSchema:schema49.additionalProperties.properties.file,data:data2};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data0.prefix !== undefined){
let data3 = data0.prefix;
if(typeof data3 !== "string"){
const err14 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/prefix",schemaPath:"#/additionalProperties/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema49.additionalProperties.properties.prefix.type,parentSchema:schema49.additionalProperties.properties.prefix,data:data3};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
}
}
if(data.Authorization !== undefined){
let data4 = data.Authorization;
if((typeof data4 !== "string") && (!(data4 && typeof data4 == "object" && !Array.isArray(data4)))){
const err15 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data4};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
const _errs22 = errors;
let valid7 = true;
const _errs23 = errors;
if(!(data4 && typeof data4 == "object" && !Array.isArray(data4))){
const err16 = {};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
var _valid2 = _errs23 === errors;
errors = _errs22;
if(vErrors !== null){
if(_errs22){
vErrors.length = _errs22;
}
else {
vErrors = null;
}
}
if(_valid2){
const _errs25 = errors;
const _errs26 = errors;
let valid8 = false;
let passing1 = null;
const _errs27 = errors;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.env === undefined){
const err17 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data4};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
var _valid3 = _errs27 === errors;
if(_valid3){
valid8 = true;
passing1 = 0;
}
const _errs28 = errors;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.file === undefined){
const err18 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data4};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
var _valid3 = _errs28 === errors;
if(_valid3 && valid8){
valid8 = false;
passing1 = [passing1, 1];
}
else {
if(_valid3){
valid8 = true;
passing1 = 1;
}
}
if(!valid8){
const err19 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing1},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data4};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
else {
errors = _errs26;
if(vErrors !== null){
if(_errs26){
vErrors.length = _errs26;
}
else {
vErrors = null;
}
}
}
var _valid2 = _errs25 === errors;
valid7 = _valid2;
}
if(!valid7){
const err20 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data4};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key3 in data4){
if(!(((key3 === "env") || (key3 === "file")) || (key3 === "prefix"))){
const err21 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data4};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data4.env !== undefined){
let data5 = data4.env;
if(typeof data5 === "string"){
if(func1(data5) < 1){
const err22 = {instancePath:instancePath+"/Authorization/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data5};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
else {
const err23 = {instancePath:instancePath+"/Authorization/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data5};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data4.file !== undefined){
let data6 = data4.file;
if(typeof data6 === "string"){
if(func1(data6) < 1){
const err24 = {instancePath:instancePath+"/Authorization/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data6};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
else {
const err25 = {instancePath:instancePath+"/Authorization/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data6};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data4.prefix !== undefined){
let data7 = data4.prefix;
if(typeof data7 !== "string"){
const err26 = {instancePath:instancePath+"/Authorization/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data7};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
}
}
if(data.Cookie !== undefined){
let data8 = data.Cookie;
if((typeof data8 !== "string") && (!(data8 && typeof data8 == "object" && !Array.isArray(data8)))){
const err27 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data8};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
const _errs39 = errors;
let valid11 = true;
const _errs40 = errors;
if(!(data8 && typeof data8 == "object" && !Array.isArray(data8))){
const err28 = {};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
var _valid4 = _errs40 === errors;
errors = _errs39;
if(vErrors !== null){
if(_errs39){
vErrors.length = _errs39;
}
else {
vErrors = null;
}
}
if(_valid4){
const _errs42 = errors;
const _errs43 = errors;
let valid12 = false;
let passing2 = null;
const _errs44 = errors;
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
if(data8.env === undefined){
const err29 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data8};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
var _valid5 = _errs44 === errors;
if(_valid5){
valid12 = true;
passing2 = 0;
}
const _errs45 = errors;
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
if(data8.file === undefined){
const err30 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data8};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
var _valid5 = _errs45 === errors;
if(_valid5 && valid12){
valid12 = false;
passing2 = [passing2, 1];
}
else {
if(_valid5){
valid12 = true;
passing2 = 1;
}
}
if(!valid12){
const err31 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing2},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data8};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
else {
errors = _errs43;
if(vErrors !== null){
if(_errs43){
vErrors.length = _errs43;
}
else {
vErrors = null;
}
}
}
var _valid4 = _errs42 === errors;
valid11 = _valid4;
}
if(!valid11){
const err32 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data8};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
for(const key4 in data8){
if(!(((key4 === "env") || (key4 === "file")) || (key4 === "prefix"))){
const err33 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data8};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data8.env !== undefined){
let data9 = data8.env;
if(typeof data9 === "string"){
if(func1(data9) < 1){
const err34 = {instancePath:instancePath+"/Cookie/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data9};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
else {
const err35 = {instancePath:instancePath+"/Cookie/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data9};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data8.file !== undefined){
let data10 = data8.file;
if(typeof data10 === "string"){
if(func1(data10) < 1){
const err36 = {instancePath:instancePath+"/Cookie/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data10};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
else {
const err37 = {instancePath:instancePath+"/Cookie/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data10};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data8.prefix !== undefined){
let data11 = data8.prefix;
if(typeof data11 !== "string"){
const err38 = {instancePath:instancePath+"/Cookie/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data11};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
}
}
if(data["Proxy-Authorization"] !== undefined){
let data12 = data["Proxy-Authorization"];
if((typeof data12 !== "string") && (!(data12 && typeof data12 == "object" && !Array.isArray(data12)))){
const err39 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data12};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
const _errs56 = errors;
let valid15 = true;
const _errs57 = errors;
if(!(data12 && typeof data12 == "object" && !Array.isArray(data12))){
const err40 = {};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
var _valid6 = _errs57 === errors;
errors = _errs56;
if(vErrors !== null){
if(_errs56){
vErrors.length = _errs56;
}
else {
vErrors = null;
}
}
if(_valid6){
const _errs59 = errors;
const _errs60 = errors;
let valid16 = false;
let passing3 = null;
const _errs61 = errors;
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
if(data12.env === undefined){
const err41 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data12};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
var _valid7 = _errs61 === errors;
if(_valid7){
valid16 = true;
passing3 = 0;
}
const _errs62 = errors;
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
if(data12.file === undefined){
const err42 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data12};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
var _valid7 = _errs62 === errors;
if(_valid7 && valid16){
valid16 = false;
passing3 = [passing3, 1];
}
else {
if(_valid7){
valid16 = true;
passing3 = 1;
}
}
if(!valid16){
const err43 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing3},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data12};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
else {
errors = _errs60;
if(vErrors !== null){
if(_errs60){
vErrors.length = _errs60;
}
else {
vErrors = null;
}
}
}
var _valid6 = _errs59 === errors;
valid15 = _valid6;
}
if(!valid15){
const err44 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data12};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
for(const key5 in data12){
if(!(((key5 === "env") || (key5 === "file")) || (key5 === "prefix"))){
const err45 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data12};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
if(data12.env !== undefined){
let data13 = data12.env;
if(typeof data13 === "string"){
if(func1(data13) < 1){
const err46 = {instancePath:instancePath+"/Proxy-Authorization/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data13};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
else {
const err47 = {instancePath:instancePath+"/Proxy-Authorization/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data13};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data12.file !== undefined){
let data14 = data12.file;
if(typeof data14 === "string"){
if(func1(data14) < 1){
const err48 = {instancePath:instancePath+"/Proxy-Authorization/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data14};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
else {
const err49 = {instancePath:instancePath+"/Proxy-Authorization/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data14};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
if(data12.prefix !== undefined){
let data15 = data12.prefix;
if(typeof data15 !== "string"){
const err50 = {instancePath:instancePath+"/Proxy-Authorization/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data15};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
}
}
if(data["X-Api-Key"] !== undefined){
let data16 = data["X-Api-Key"];
if((typeof data16 !== "string") && (!(data16 && typeof data16 == "object" && !Array.isArray(data16)))){
const err51 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data16};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
const _errs73 = errors;
let valid19 = true;
const _errs74 = errors;
if(!(data16 && typeof data16 == "object" && !Array.isArray(data16))){
const err52 = {};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
var _valid8 = _errs74 === errors;
errors = _errs73;
if(vErrors !== null){
if(_errs73){
vErrors.length = _errs73;
}
else {
vErrors = null;
}
}
if(_valid8){
const _errs76 = errors;
const _errs77 = errors;
let valid20 = false;
let passing4 = null;
const _errs78 = errors;
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
if(data16.env === undefined){
const err53 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data16};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
var _valid9 = _errs78 === errors;
if(_valid9){
valid20 = true;
passing4 = 0;
}
const _errs79 = errors;
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
if(data16.file === undefined){
const err54 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data16};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
var _valid9 = _errs79 === errors;
if(_valid9 && valid20){
valid20 = false;
passing4 = [passing4, 1];
}
else {
if(_valid9){
valid20 = true;
passing4 = 1;
}
}
if(!valid20){
const err55 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing4},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data16};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
else {
errors = _errs77;
if(vErrors !== null){
if(_errs77){
vErrors.length = _errs77;
}
else {
vErrors = null;
}
}
}
var _valid8 = _errs76 === errors;
valid19 = _valid8;
}
if(!valid19){
const err56 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data16};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
for(const key6 in data16){
if(!(((key6 === "env") || (key6 === "file")) || (key6 === "prefix"))){
const err57 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data16};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
if(data16.env !== undefined){
let data17 = data16.env;
if(typeof data17 === "string"){
if(func1(data17) < 1){
const err58 = {instancePath:instancePath+"/X-Api-Key/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data17};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
else {
const err59 = {instancePath:instancePath+"/X-Api-Key/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data17};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data16.file !== undefined){
let data18 = data16.file;
if(typeof data18 === "string"){
if(func1(data18) < 1){
const err60 = {instancePath:instancePath+"/X-Api-Key/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data18};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
else {
const err61 = {instancePath:instancePath+"/X-Api-Key/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data18};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data16.prefix !== undefined){
let data19 = data16.prefix;
if(typeof data19 !== "string"){
const err62 = {instancePath:instancePath+"/X-Api-Key/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data19};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
}
}
}
else {
const err63 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema49.type,parentSchema:schema49,data};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
validate55.errors = vErrors;
return errors === 0;
}
validate55.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate57(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate57.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.scheme === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "scheme"},message:"must have required property '"+"scheme"+"'",schema:schema55.required,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.secret === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "secret"},message:"must have required property '"+"secret"+"'",schema:schema55.required,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 in data){
if(!(((((((key0 === "scheme") || (key0 === "secret")) || (key0 === "previousSecret")) || (key0 === "header")) || (key0 === "prefix")) || (key0 === "algorithm")) || (key0 === "encoding"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.scheme !== undefined){
let data0 = data.scheme;
if(!(((((data0 === "stripe") || (data0 === "github")) || (data0 === "slack")) || (data0 === "standard-webhooks")) || (data0 === "hmac"))){
const err3 = {instancePath:instancePath+"/scheme",schemaPath:"#/properties/scheme/enum",keyword:"enum",params:{allowedValues: schema55.properties.scheme.enum},message:"must be equal to one of the allowed values",schema:schema55.properties.scheme.enum,parentSchema:schema55.properties.scheme,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.secret !== undefined){
let data1 = data.secret;
if((typeof data1 !== "string") && (!(data1 && typeof data1 == "object" && !Array.isArray(data1)))){
const err4 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
const _errs6 = errors;
let valid2 = true;
const _errs7 = errors;
if(!(data1 && typeof data1 == "object" && !Array.isArray(data1))){
const err5 = {};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
var _valid0 = _errs7 === errors;
errors = _errs6;
if(vErrors !== null){
if(_errs6){
vErrors.length = _errs6;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs9 = errors;
const _errs10 = errors;
let valid3 = false;
let passing0 = null;
const _errs11 = errors;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(data1.env === undefined){
const err6 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
var _valid1 = _errs11 === errors;
if(_valid1){
valid3 = true;
passing0 = 0;
}
const _errs12 = errors;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(data1.file === undefined){
const err7 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data1};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
var _valid1 = _errs12 === errors;
if(_valid1 && valid3){
valid3 = false;
passing0 = [passing0, 1];
}
else {
if(_valid1){
valid3 = true;
passing0 = 1;
}
}
if(!valid3){
const err8 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data1};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
else {
errors = _errs10;
if(vErrors !== null){
if(_errs10){
vErrors.length = _errs10;
}
else {
vErrors = null;
}
}
}
var _valid0 = _errs9 === errors;
valid2 = _valid0;
}
if(!valid2){
const err9 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data1};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
for(const key1 in data1){
if(!(((key1 === "env") || (key1 === "file")) || (key1 === "prefix"))){
const err10 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data1};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data1.env !== undefined){
let data2 = data1.env;
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err11 = {instancePath:instancePath+"/secret/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data2};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
else {
const err12 = {instancePath:instancePath+"/secret/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data2};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data1.file !== undefined){
let data3 = data1.file;
if(typeof data3 === "string"){
if(func1(data3) < 1){
const err13 = {instancePath:instancePath+"/secret/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data3};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
else {
const err14 = {instancePath:instancePath+"/secret/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data3};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data1.prefix !== undefined){
let data4 = data1.prefix;
if(typeof data4 !== "string"){
const err15 = {instancePath:instancePath+"/secret/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data4};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
}
}
if(data.previousSecret !== undefined){
let data5 = data.previousSecret;
if((typeof data5 !== "string") && (!(data5 && typeof data5 == "object" && !Array.isArray(data5)))){
const err16 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data5};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
const _errs23 = errors;
let valid6 = true;
const _errs24 = errors;
if(!(data5 && typeof data5 == "object" && !Array.isArray(data5))){
const err17 = {};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
var _valid2 = _errs24 === errors;
errors = _errs23;
if(vErrors !== null){
if(_errs23){
vErrors.length = _errs23;
}
else {
vErrors = null;
}
}
if(_valid2){
const _errs26 = errors;
const _errs27 = errors;
let valid7 = false;
let passing1 = null;
const _errs28 = errors;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
if(data5.env === undefined){
const err18 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data5};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
var _valid3 = _errs28 === errors;
if(_valid3){
valid7 = true;
passing1 = 0;
}
const _errs29 = errors;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
if(data5.file === undefined){
const err19 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data5};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
var _valid3 = _errs29 === errors;
if(_valid3 && valid7){
valid7 = false;
passing1 = [passing1, 1];
}
else {
if(_valid3){
valid7 = true;
passing1 = 1;
}
}
if(!valid7){
const err20 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing1},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data5};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
else {
errors = _errs27;
if(vErrors !== null){
if(_errs27){
vErrors.length = _errs27;
}
else {
vErrors = null;
}
}
}
var _valid2 = _errs26 === errors;
valid6 = _valid2;
}
if(!valid6){
const err21 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data5};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key2 in data5){
if(!(((key2 === "env") || (key2 === "file")) || (key2 === "prefix"))){
const err22 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data5};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data5.env !== undefined){
let data6 = data5.env;
if(typeof data6 === "string"){
if(func1(data6) < 1){
const err23 = {instancePath:instancePath+"/previousSecret/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data6};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
else {
const err24 = {instancePath:instancePath+"/previousSecret/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data6};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
if(data5.file !== undefined){
let data7 = data5.file;
if(typeof data7 === "string"){
if(func1(data7) < 1){
const err25 = {instancePath:instancePath+"/previousSecret/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data7};
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
const err26 = {instancePath:instancePath+"/previousSecret/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data7};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data5.prefix !== undefined){
let data8 = data5.prefix;
if(typeof data8 !== "string"){
const err27 = {instancePath:instancePath+"/previousSecret/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data8};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
}
}
if(data.header !== undefined){
let data9 = data.header;
if(typeof data9 === "string"){
if(!pattern5.test(data9)){
const err28 = {instancePath:instancePath+"/header",schemaPath:"#/properties/header/pattern",keyword:"pattern",params:{pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},message:"must match pattern \""+"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"+"\"",schema:"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",parentSchema:schema55.properties.header,data:data9};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
else {
const err29 = {instancePath:instancePath+"/header",schemaPath:"#/properties/header/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema55.properties.header.type,parentSchema:schema55.properties.header,data:data9};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data.prefix !== undefined){
let data10 = data.prefix;
if(typeof data10 !== "string"){
const err30 = {instancePath:instancePath+"/prefix",schemaPath:"#/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema55.properties.prefix.type,parentSchema:schema55.properties.prefix,data:data10};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data.algorithm !== undefined){
let data11 = data.algorithm;
if(!(((data11 === "sha1") || (data11 === "sha256")) || (data11 === "sha512"))){
const err31 = {instancePath:instancePath+"/algorithm",schemaPath:"#/properties/algorithm/enum",keyword:"enum",params:{allowedValues: schema55.properties.algorithm.enum},message:"must be equal to one of the allowed values",schema:schema55.properties.algorithm.enum,parentSchema:schema55.properties.algorithm,data:data11};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data.encoding !== undefined){
let data12 = data.encoding;
if(!((data12 === "hex") || (data12 === "base64"))){
const err32 = {instancePath:instancePath+"/encoding",schemaPath:"#/properties/encoding/enum",keyword:"enum",params:{allowedValues: schema55.properties.encoding.enum},message:"must be equal to one of the allowed values",schema:schema55.properties.encoding.enum,parentSchema:schema55.properties.encoding,data:data12};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
}
else {
const err33 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema55.type,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
validate57.errors = vErrors;
return errors === 0;
}
validate57.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate53(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate53.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs2 = errors;
let valid1 = true;
const _errs3 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.type === undefined) && (missing0 = "type")){
const err0 = {};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
else {
if(data.type !== undefined){
if("kafka" !== data.type){
const err1 = {};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
}
}
var _valid0 = _errs3 === errors;
errors = _errs2;
if(vErrors !== null){
if(_errs2){
vErrors.length = _errs2;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs5 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.kafkaBrokers === undefined){
const err2 = {instancePath,schemaPath:"#/allOf/0/then/required",keyword:"required",params:{missingProperty: "kafkaBrokers"},message:"must have required property '"+"kafkaBrokers"+"'",schema:schema141.allOf[0].then.required,parentSchema:schema141.allOf[0].then,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(data.kafkaTopic === undefined){
const err3 = {instancePath,schemaPath:"#/allOf/0/then/required",keyword:"required",params:{missingProperty: "kafkaTopic"},message:"must have required property '"+"kafkaTopic"+"'",schema:schema141.allOf[0].then.required,parentSchema:schema141.allOf[0].then,data};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
var _valid0 = _errs5 === errors;
valid1 = _valid0;
}
if(!valid1){
const err4 = {instancePath,schemaPath:"#/allOf/0/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema141.allOf[0].if,parentSchema:schema141.allOf[0],data};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
const _errs7 = errors;
let valid3 = true;
const _errs8 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
let missing1;
if((data.type === undefined) && (missing1 = "type")){
const err5 = {};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
else {
if(data.type !== undefined){
if("rabbitmq" !== data.type){
const err6 = {};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
}
var _valid1 = _errs8 === errors;
errors = _errs7;
if(vErrors !== null){
if(_errs7){
vErrors.length = _errs7;
}
else {
vErrors = null;
}
}
if(_valid1){
const _errs10 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.rabbitURL === undefined){
const err7 = {instancePath,schemaPath:"#/allOf/1/then/required",keyword:"required",params:{missingProperty: "rabbitURL"},message:"must have required property '"+"rabbitURL"+"'",schema:schema141.allOf[1].then.required,parentSchema:schema141.allOf[1].then,data};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
var _valid1 = _errs10 === errors;
valid3 = _valid1;
}
if(!valid3){
const err8 = {instancePath,schemaPath:"#/allOf/1/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema141.allOf[1].if,parentSchema:schema141.allOf[1],data};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
const _errs12 = errors;
let valid5 = true;
const _errs13 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.type !== undefined){
if("http" !== data.type){
const err9 = {};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
}
var _valid2 = _errs13 === errors;
errors = _errs12;
if(vErrors !== null){
if(_errs12){
vErrors.length = _errs12;
}
else {
vErrors = null;
}
}
if(_valid2){
const _errs15 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.url === undefined){
const err10 = {instancePath,schemaPath:"#/allOf/2/then/required",keyword:"required",params:{missingProperty: "url"},message:"must have required property '"+"url"+"'",schema:schema141.allOf[2].then.required,parentSchema:schema141.allOf[2].then,data};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
var _valid2 = _errs15 === errors;
valid5 = _valid2;
}
if(!valid5){
const err11 = {instancePath,schemaPath:"#/allOf/2/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema141.allOf[2].if,parentSchema:schema141.allOf[2],data};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
const _errs17 = errors;
let valid7 = true;
const _errs18 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
let missing2;
if((data.kafkaUseSASL === undefined) && (missing2 = "kafkaUseSASL")){
const err12 = {};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
else {
if(data.kafkaUseSASL !== undefined){
if(true !== data.kafkaUseSASL){
const err13 = {};
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
var _valid3 = _errs18 === errors;
errors = _errs17;
if(vErrors !== null){
if(_errs17){
vErrors.length = _errs17;
}
else {
vErrors = null;
}
}
if(_valid3){
const _errs20 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.kafkaUsername === undefined){
const err14 = {instancePath,schemaPath:"#/allOf/3/then/required",keyword:"required",params:{missingProperty: "kafkaUsername"},message:"must have required property '"+"kafkaUsername"+"'",schema:schema141.allOf[3].then.required,parentSchema:schema141.allOf[3].then,data};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
if(data.kafkaPassword === undefined){
const err15 = {instancePath,schemaPath:"#/allOf/3/then/required",keyword:"required",params:{missingProperty: "kafkaPassword"},message:"must have required property '"+"kafkaPassword"+"'",schema:schema141.allOf[3].then.required,parentSchema:schema141.allOf[3].then,data};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
var _valid3 = _errs20 === errors;
valid7 = _valid3;
}
if(!valid7){
const err16 = {instancePath,schemaPath:"#/allOf/3/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema141.allOf[3].if,parentSchema:schema141.allOf[3],data};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(func11.call(schema141.properties, key0))){
const err17 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema141,data};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
if(data.name !== undefined){
let data4 = data.name;
if(typeof data4 === "string"){
if(func1(data4) > 253){
const err18 = {instancePath:instancePath+"/name",schemaPath:"#/properties/name/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema141.properties.name,data:data4};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(func1(data4) < 1){
const err19 = {instancePath:instancePath+"/name",schemaPath:"#/properties/name/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema141.properties.name,data:data4};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
else {
const err20 = {instancePath:instancePath+"/name",schemaPath:"#/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.name.type,parentSchema:schema141.properties.name,data:data4};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(data.type !== undefined){
let data5 = data.type;
if(!(((data5 === "http") || (data5 === "kafka")) || (data5 === "rabbitmq"))){
const err21 = {instancePath:instancePath+"/type",schemaPath:"#/properties/type/enum",keyword:"enum",params:{allowedValues: schema141.properties.type.enum},message:"must be equal to one of the allowed values",schema:schema141.properties.type.enum,parentSchema:schema141.properties.type,data:data5};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data.trigger !== undefined){
let data6 = data.trigger;
if(!((((data6 === "on_success") || (data6 === "on_error")) || (data6 === "always")) || (data6 === ""))){
const err22 = {instancePath:instancePath+"/trigger",schemaPath:"#/properties/trigger/enum",keyword:"enum",params:{allowedValues: schema141.properties.trigger.enum},message:"must be equal to one of the allowed values",schema:schema141.properties.trigger.enum,parentSchema:schema141.properties.trigger,data:data6};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data.conditions !== undefined){
let data7 = data.conditions;
if(Array.isArray(data7)){
if(data7.length > 256){
const err23 = {instancePath:instancePath+"/conditions",schemaPath:"#/properties/conditions/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema141.properties.conditions,data:data7};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
const len0 = data7.length;
for(let i0=0; i0<len0; i0++){
if(!(validate30(data7[i0], {instancePath:instancePath+"/conditions/" + i0,parentData:data7,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate30.errors : vErrors.concat(validate30.errors);
errors = vErrors.length;
}
}
}
else {
const err24 = {instancePath:instancePath+"/conditions",schemaPath:"#/properties/conditions/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema141.properties.conditions.type,parentSchema:schema141.properties.conditions,data:data7};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
if(data.delay !== undefined){
let data9 = data.delay;
if((typeof data9 == "number") && (isFinite(data9))){
if(data9 < 0 || isNaN(data9)){
const err25 = {instancePath:instancePath+"/delay",schemaPath:"#/properties/delay/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema141.properties.delay,data:data9};
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
const err26 = {instancePath:instancePath+"/delay",schemaPath:"#/properties/delay/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema141.properties.delay.type,parentSchema:schema141.properties.delay,data:data9};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data.async !== undefined){
let data10 = data.async;
if(typeof data10 !== "boolean"){
const err27 = {instancePath:instancePath+"/async",schemaPath:"#/properties/async/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema141.properties.async.type,parentSchema:schema141.properties.async,data:data10};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data.timeout !== undefined){
let data11 = data.timeout;
if((typeof data11 == "number") && (isFinite(data11))){
if(data11 <= 0 || isNaN(data11)){
const err28 = {instancePath:instancePath+"/timeout",schemaPath:"#/properties/timeout/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema141.properties.timeout,data:data11};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
else {
const err29 = {instancePath:instancePath+"/timeout",schemaPath:"#/properties/timeout/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema141.properties.timeout.type,parentSchema:schema141.properties.timeout,data:data11};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data.retryCount !== undefined){
let data12 = data.retryCount;
if(!(((typeof data12 == "number") && (!(data12 % 1) && !isNaN(data12))) && (isFinite(data12)))){
const err30 = {instancePath:instancePath+"/retryCount",schemaPath:"#/properties/retryCount/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema141.properties.retryCount.type,parentSchema:schema141.properties.retryCount,data:data12};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
if((typeof data12 == "number") && (isFinite(data12))){
if(data12 > 1000 || isNaN(data12)){
const err31 = {instancePath:instancePath+"/retryCount",schemaPath:"#/properties/retryCount/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000},message:"must be <= 1000",schema:1000,parentSchema:schema141.properties.retryCount,data:data12};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
if(data12 < 0 || isNaN(data12)){
const err32 = {instancePath:instancePath+"/retryCount",schemaPath:"#/properties/retryCount/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema141.properties.retryCount,data:data12};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
}
if(data.retryDelay !== undefined){
let data13 = data.retryDelay;
if((typeof data13 == "number") && (isFinite(data13))){
if(data13 < 0 || isNaN(data13)){
const err33 = {instancePath:instancePath+"/retryDelay",schemaPath:"#/properties/retryDelay/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema141.properties.retryDelay,data:data13};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
else {
const err34 = {instancePath:instancePath+"/retryDelay",schemaPath:"#/properties/retryDelay/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema141.properties.retryDelay.type,parentSchema:schema141.properties.retryDelay,data:data13};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
if(data.retryPolicy !== undefined){
let data14 = data.retryPolicy;
if(!((data14 === "fixed") || (data14 === "exponential"))){
const err35 = {instancePath:instancePath+"/retryPolicy",schemaPath:"#/properties/retryPolicy/enum",keyword:"enum",params:{allowedValues: schema141.properties.retryPolicy.enum},message:"must be equal to one of the allowed values",schema:schema141.properties.retryPolicy.enum,parentSchema:schema141.properties.retryPolicy,data:data14};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data.headers !== undefined){
if(!(validate55(data.headers, {instancePath:instancePath+"/headers",parentData:data,parentDataProperty:"headers",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate55.errors : vErrors.concat(validate55.errors);
errors = vErrors.length;
}
}
if(data.sign !== undefined){
if(!(validate57(data.sign, {instancePath:instancePath+"/sign",parentData:data,parentDataProperty:"sign",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate57.errors : vErrors.concat(validate57.errors);
errors = vErrors.length;
}
}
if(data.durability !== undefined){
let data17 = data.durability;
if(!((data17 === "write") || (data17 === "sync"))){
const err36 = {instancePath:instancePath+"/durability",schemaPath:"#/properties/durability/enum",keyword:"enum",params:{allowedValues: schema141.properties.durability.enum},message:"must be equal to one of the allowed values",schema:schema141.properties.durability.enum,parentSchema:schema141.properties.durability,data:data17};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
if(data.breaker !== undefined){
let data18 = data.breaker;
if(typeof data18 !== "boolean"){
const err37 = {instancePath:instancePath+"/breaker",schemaPath:"#/properties/breaker/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema141.properties.breaker.type,parentSchema:schema141.properties.breaker,data:data18};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data.url !== undefined){
let data19 = data.url;
if((typeof data19 !== "string") && (!(data19 && typeof data19 == "object" && !Array.isArray(data19)))){
const err38 = {instancePath:instancePath+"/url",schemaPath:"#/properties/url/type",keyword:"type",params:{type: schema141.properties.url.type},message:"must be string,object",schema:schema141.properties.url.type,parentSchema:schema141.properties.url,data:data19};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
const _errs47 = errors;
let valid12 = true;
const _errs48 = errors;
if(!(data19 && typeof data19 == "object" && !Array.isArray(data19))){
const err39 = {};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
var _valid4 = _errs48 === errors;
errors = _errs47;
if(vErrors !== null){
if(_errs47){
vErrors.length = _errs47;
}
else {
vErrors = null;
}
}
if(_valid4){
const _errs50 = errors;
const _errs51 = errors;
let valid13 = false;
let passing0 = null;
const _errs52 = errors;
if(data19 && typeof data19 == "object" && !Array.isArray(data19)){
if(data19.env === undefined){
const err40 = {instancePath:instancePath+"/url",schemaPath:"#/properties/url/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema141.properties.url.then.oneOf[0].required,parentSchema:schema141.properties.url.then.oneOf[0],data:data19};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
var _valid5 = _errs52 === errors;
if(_valid5){
valid13 = true;
passing0 = 0;
}
const _errs53 = errors;
if(data19 && typeof data19 == "object" && !Array.isArray(data19)){
if(data19.file === undefined){
const err41 = {instancePath:instancePath+"/url",schemaPath:"#/properties/url/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema141.properties.url.then.oneOf[1].required,parentSchema:schema141.properties.url.then.oneOf[1],data:data19};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
var _valid5 = _errs53 === errors;
if(_valid5 && valid13){
valid13 = false;
passing0 = [passing0, 1];
}
else {
if(_valid5){
valid13 = true;
passing0 = 1;
}
}
if(!valid13){
const err42 = {instancePath:instancePath+"/url",schemaPath:"#/properties/url/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf",schema:schema141.properties.url.then.oneOf,parentSchema:schema141.properties.url.then,data:data19};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
else {
errors = _errs51;
if(vErrors !== null){
if(_errs51){
vErrors.length = _errs51;
}
else {
vErrors = null;
}
}
}
var _valid4 = _errs50 === errors;
valid12 = _valid4;
}
if(!valid12){
const err43 = {instancePath:instancePath+"/url",schemaPath:"#/properties/url/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema141.properties.url.if,parentSchema:schema141.properties.url,data:data19};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
if(typeof data19 === "string"){
if(func1(data19) < 1){
const err44 = {instancePath:instancePath+"/url",schemaPath:"#/properties/url/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema141.properties.url,data:data19};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
if(data19 && typeof data19 == "object" && !Array.isArray(data19)){
for(const key1 in data19){
if(!(((key1 === "env") || (key1 === "file")) || (key1 === "prefix"))){
const err45 = {instancePath:instancePath+"/url",schemaPath:"#/properties/url/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema141.properties.url,data:data19};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
if(data19.env !== undefined){
let data20 = data19.env;
if(typeof data20 === "string"){
if(func1(data20) < 1){
const err46 = {instancePath:instancePath+"/url/env",schemaPath:"#/properties/url/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema141.properties.url.properties.env,data:data20};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
else {
const err47 = {instancePath:instancePath+"/url/env",schemaPath:"#/properties/url/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.url.properties.env.type,parentSchema:schema141.properties.url.properties.env,data:data20};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data19.file !== undefined){
let data21 = data19.file;
if(typeof data21 === "string"){
if(func1(data21) < 1){
const err48 = {instancePath:instancePath+"/url/file",schemaPath:"#/properties/url/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema141.properties.url.properties.file,data:data21};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
else {
const err49 = {instancePath:instancePath+"/url/file",schemaPath:"#/properties/url/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.url.properties.file.type,parentSchema:schema141.properties.url.properties.file,data:data21};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
if(data19.prefix !== undefined){
let data22 = data19.prefix;
if(typeof data22 !== "string"){
const err50 = {instancePath:instancePath+"/url/prefix",schemaPath:"#/properties/url/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.url.properties.prefix.type,parentSchema:schema141.properties.url.properties.prefix,data:data22};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
}
}
if(data.method !== undefined){
let data23 = data.method;
if(!(((((data23 === "POST") || (data23 === "PUT")) || (data23 === "PATCH")) || (data23 === "DELETE")) || (data23 === "GET"))){
const err51 = {instancePath:instancePath+"/method",schemaPath:"#/properties/method/enum",keyword:"enum",params:{allowedValues: schema141.properties.method.enum},message:"must be equal to one of the allowed values",schema:schema141.properties.method.enum,parentSchema:schema141.properties.method,data:data23};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
if(data.kafkaBrokers !== undefined){
let data24 = data.kafkaBrokers;
if(typeof data24 === "string"){
if(func1(data24) < 1){
const err52 = {instancePath:instancePath+"/kafkaBrokers",schemaPath:"#/properties/kafkaBrokers/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema141.properties.kafkaBrokers,data:data24};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
else {
const err53 = {instancePath:instancePath+"/kafkaBrokers",schemaPath:"#/properties/kafkaBrokers/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.kafkaBrokers.type,parentSchema:schema141.properties.kafkaBrokers,data:data24};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
if(data.kafkaTopic !== undefined){
let data25 = data.kafkaTopic;
if(typeof data25 === "string"){
if(func1(data25) < 1){
const err54 = {instancePath:instancePath+"/kafkaTopic",schemaPath:"#/properties/kafkaTopic/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema141.properties.kafkaTopic,data:data25};
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
const err55 = {instancePath:instancePath+"/kafkaTopic",schemaPath:"#/properties/kafkaTopic/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.kafkaTopic.type,parentSchema:schema141.properties.kafkaTopic,data:data25};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
if(data.kafkaKey !== undefined){
let data26 = data.kafkaKey;
if(typeof data26 !== "string"){
const err56 = {instancePath:instancePath+"/kafkaKey",schemaPath:"#/properties/kafkaKey/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.kafkaKey.type,parentSchema:schema141.properties.kafkaKey,data:data26};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
if(data.kafkaUseSASL !== undefined){
let data27 = data.kafkaUseSASL;
if(typeof data27 !== "boolean"){
const err57 = {instancePath:instancePath+"/kafkaUseSASL",schemaPath:"#/properties/kafkaUseSASL/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema141.properties.kafkaUseSASL.type,parentSchema:schema141.properties.kafkaUseSASL,data:data27};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
if(data.kafkaSaslMechanism !== undefined){
let data28 = data.kafkaSaslMechanism;
if(!(((data28 === "plain") || (data28 === "scram-sha-256")) || (data28 === "scram-sha-512"))){
const err58 = {instancePath:instancePath+"/kafkaSaslMechanism",schemaPath:"#/properties/kafkaSaslMechanism/enum",keyword:"enum",params:{allowedValues: schema141.properties.kafkaSaslMechanism.enum},message:"must be equal to one of the allowed values",schema:schema141.properties.kafkaSaslMechanism.enum,parentSchema:schema141.properties.kafkaSaslMechanism,data:data28};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
if(data.kafkaUsername !== undefined){
let data29 = data.kafkaUsername;
if(typeof data29 !== "string"){
const err59 = {instancePath:instancePath+"/kafkaUsername",schemaPath:"#/properties/kafkaUsername/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.kafkaUsername.type,parentSchema:schema141.properties.kafkaUsername,data:data29};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data.kafkaPassword !== undefined){
let data30 = data.kafkaPassword;
if((typeof data30 !== "string") && (!(data30 && typeof data30 == "object" && !Array.isArray(data30)))){
const err60 = {instancePath:instancePath+"/kafkaPassword",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data30};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
const _errs76 = errors;
let valid16 = true;
const _errs77 = errors;
if(!(data30 && typeof data30 == "object" && !Array.isArray(data30))){
const err61 = {};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
var _valid6 = _errs77 === errors;
errors = _errs76;
if(vErrors !== null){
if(_errs76){
vErrors.length = _errs76;
}
else {
vErrors = null;
}
}
if(_valid6){
const _errs79 = errors;
const _errs80 = errors;
let valid17 = false;
let passing1 = null;
const _errs81 = errors;
if(data30 && typeof data30 == "object" && !Array.isArray(data30)){
if(data30.env === undefined){
const err62 = {instancePath:instancePath+"/kafkaPassword",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data30};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
var _valid7 = _errs81 === errors;
if(_valid7){
valid17 = true;
passing1 = 0;
}
const _errs82 = errors;
if(data30 && typeof data30 == "object" && !Array.isArray(data30)){
if(data30.file === undefined){
const err63 = {instancePath:instancePath+"/kafkaPassword",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data30};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
var _valid7 = _errs82 === errors;
if(_valid7 && valid17){
valid17 = false;
passing1 = [passing1, 1];
}
else {
if(_valid7){
valid17 = true;
passing1 = 1;
}
}
if(!valid17){
const err64 = {instancePath:instancePath+"/kafkaPassword",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing1},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data30};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
else {
errors = _errs80;
if(vErrors !== null){
if(_errs80){
vErrors.length = _errs80;
}
else {
vErrors = null;
}
}
}
var _valid6 = _errs79 === errors;
valid16 = _valid6;
}
if(!valid16){
const err65 = {instancePath:instancePath+"/kafkaPassword",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data30};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
if(data30 && typeof data30 == "object" && !Array.isArray(data30)){
for(const key2 in data30){
if(!(((key2 === "env") || (key2 === "file")) || (key2 === "prefix"))){
const err66 = {instancePath:instancePath+"/kafkaPassword",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data30};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
}
if(data30.env !== undefined){
let data31 = data30.env;
if(typeof data31 === "string"){
if(func1(data31) < 1){
const err67 = {instancePath:instancePath+"/kafkaPassword/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data31};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
}
else {
const err68 = {instancePath:instancePath+"/kafkaPassword/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data31};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
if(data30.file !== undefined){
let data32 = data30.file;
if(typeof data32 === "string"){
if(func1(data32) < 1){
const err69 = {instancePath:instancePath+"/kafkaPassword/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data32};
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
const err70 = {instancePath:instancePath+"/kafkaPassword/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data32};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
if(data30.prefix !== undefined){
let data33 = data30.prefix;
if(typeof data33 !== "string"){
const err71 = {instancePath:instancePath+"/kafkaPassword/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data33};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
}
}
if(data.kafkaUseTLS !== undefined){
let data34 = data.kafkaUseTLS;
if(typeof data34 !== "boolean"){
const err72 = {instancePath:instancePath+"/kafkaUseTLS",schemaPath:"#/properties/kafkaUseTLS/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema141.properties.kafkaUseTLS.type,parentSchema:schema141.properties.kafkaUseTLS,data:data34};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
if(data.kafkaCa !== undefined){
let data35 = data.kafkaCa;
if(typeof data35 === "string"){
if(func1(data35) < 1){
const err73 = {instancePath:instancePath+"/kafkaCa",schemaPath:"#/properties/kafkaCa/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema141.properties.kafkaCa,data:data35};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
else {
const err74 = {instancePath:instancePath+"/kafkaCa",schemaPath:"#/properties/kafkaCa/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.kafkaCa.type,parentSchema:schema141.properties.kafkaCa,data:data35};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
if(data.rabbitURL !== undefined){
let data36 = data.rabbitURL;
if((typeof data36 !== "string") && (!(data36 && typeof data36 == "object" && !Array.isArray(data36)))){
const err75 = {instancePath:instancePath+"/rabbitURL",schemaPath:"#/properties/rabbitURL/type",keyword:"type",params:{type: schema141.properties.rabbitURL.type},message:"must be string,object",schema:schema141.properties.rabbitURL.type,parentSchema:schema141.properties.rabbitURL,data:data36};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
const _errs96 = errors;
let valid19 = true;
const _errs97 = errors;
if(!(data36 && typeof data36 == "object" && !Array.isArray(data36))){
const err76 = {};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
var _valid8 = _errs97 === errors;
errors = _errs96;
if(vErrors !== null){
if(_errs96){
vErrors.length = _errs96;
}
else {
vErrors = null;
}
}
if(_valid8){
const _errs99 = errors;
const _errs100 = errors;
let valid20 = false;
let passing2 = null;
const _errs101 = errors;
if(data36 && typeof data36 == "object" && !Array.isArray(data36)){
if(data36.env === undefined){
const err77 = {instancePath:instancePath+"/rabbitURL",schemaPath:"#/properties/rabbitURL/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema141.properties.rabbitURL.then.oneOf[0].required,parentSchema:schema141.properties.rabbitURL.then.oneOf[0],data:data36};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
var _valid9 = _errs101 === errors;
if(_valid9){
valid20 = true;
passing2 = 0;
}
const _errs102 = errors;
if(data36 && typeof data36 == "object" && !Array.isArray(data36)){
if(data36.file === undefined){
const err78 = {instancePath:instancePath+"/rabbitURL",schemaPath:"#/properties/rabbitURL/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema141.properties.rabbitURL.then.oneOf[1].required,parentSchema:schema141.properties.rabbitURL.then.oneOf[1],data:data36};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
}
var _valid9 = _errs102 === errors;
if(_valid9 && valid20){
valid20 = false;
passing2 = [passing2, 1];
}
else {
if(_valid9){
valid20 = true;
passing2 = 1;
}
}
if(!valid20){
const err79 = {instancePath:instancePath+"/rabbitURL",schemaPath:"#/properties/rabbitURL/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing2},message:"must match exactly one schema in oneOf",schema:schema141.properties.rabbitURL.then.oneOf,parentSchema:schema141.properties.rabbitURL.then,data:data36};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
else {
errors = _errs100;
if(vErrors !== null){
if(_errs100){
vErrors.length = _errs100;
}
else {
vErrors = null;
}
}
}
var _valid8 = _errs99 === errors;
valid19 = _valid8;
}
if(!valid19){
const err80 = {instancePath:instancePath+"/rabbitURL",schemaPath:"#/properties/rabbitURL/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema141.properties.rabbitURL.if,parentSchema:schema141.properties.rabbitURL,data:data36};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
if(typeof data36 === "string"){
if(func1(data36) < 1){
const err81 = {instancePath:instancePath+"/rabbitURL",schemaPath:"#/properties/rabbitURL/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema141.properties.rabbitURL,data:data36};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
if(data36 && typeof data36 == "object" && !Array.isArray(data36)){
for(const key3 in data36){
if(!(((key3 === "env") || (key3 === "file")) || (key3 === "prefix"))){
const err82 = {instancePath:instancePath+"/rabbitURL",schemaPath:"#/properties/rabbitURL/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties",schema:false,parentSchema:schema141.properties.rabbitURL,data:data36};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
if(data36.env !== undefined){
let data37 = data36.env;
if(typeof data37 === "string"){
if(func1(data37) < 1){
const err83 = {instancePath:instancePath+"/rabbitURL/env",schemaPath:"#/properties/rabbitURL/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema141.properties.rabbitURL.properties.env,data:data37};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
}
else {
const err84 = {instancePath:instancePath+"/rabbitURL/env",schemaPath:"#/properties/rabbitURL/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.rabbitURL.properties.env.type,parentSchema:schema141.properties.rabbitURL.properties.env,data:data37};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
}
if(data36.file !== undefined){
let data38 = data36.file;
if(typeof data38 === "string"){
if(func1(data38) < 1){
const err85 = {instancePath:instancePath+"/rabbitURL/file",schemaPath:"#/properties/rabbitURL/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema141.properties.rabbitURL.properties.file,data:data38};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
}
else {
const err86 = {instancePath:instancePath+"/rabbitURL/file",schemaPath:"#/properties/rabbitURL/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.rabbitURL.properties.file.type,parentSchema:schema141.properties.rabbitURL.properties.file,data:data38};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
if(data36.prefix !== undefined){
let data39 = data36.prefix;
if(typeof data39 !== "string"){
const err87 = {instancePath:instancePath+"/rabbitURL/prefix",schemaPath:"#/properties/rabbitURL/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.rabbitURL.properties.prefix.type,parentSchema:schema141.properties.rabbitURL.properties.prefix,data:data39};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
}
}
if(data.rabbitExchange !== undefined){
let data40 = data.rabbitExchange;
if(typeof data40 !== "string"){
const err88 = {instancePath:instancePath+"/rabbitExchange",schemaPath:"#/properties/rabbitExchange/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.rabbitExchange.type,parentSchema:schema141.properties.rabbitExchange,data:data40};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
}
if(data.rabbitRoutingKey !== undefined){
let data41 = data.rabbitRoutingKey;
if(typeof data41 !== "string"){
const err89 = {instancePath:instancePath+"/rabbitRoutingKey",schemaPath:"#/properties/rabbitRoutingKey/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.rabbitRoutingKey.type,parentSchema:schema141.properties.rabbitRoutingKey,data:data41};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
}
if(data.rabbitQueue !== undefined){
let data42 = data.rabbitQueue;
if(typeof data42 !== "string"){
const err90 = {instancePath:instancePath+"/rabbitQueue",schemaPath:"#/properties/rabbitQueue/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.rabbitQueue.type,parentSchema:schema141.properties.rabbitQueue,data:data42};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
if(data.rabbitMandatory !== undefined){
let data43 = data.rabbitMandatory;
if(typeof data43 !== "boolean"){
const err91 = {instancePath:instancePath+"/rabbitMandatory",schemaPath:"#/properties/rabbitMandatory/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema141.properties.rabbitMandatory.type,parentSchema:schema141.properties.rabbitMandatory,data:data43};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
}
if(data.rabbitCa !== undefined){
let data44 = data.rabbitCa;
if(typeof data44 === "string"){
if(func1(data44) < 1){
const err92 = {instancePath:instancePath+"/rabbitCa",schemaPath:"#/properties/rabbitCa/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema141.properties.rabbitCa,data:data44};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
}
else {
const err93 = {instancePath:instancePath+"/rabbitCa",schemaPath:"#/properties/rabbitCa/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema141.properties.rabbitCa.type,parentSchema:schema141.properties.rabbitCa,data:data44};
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
else {
const err94 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema141.type,parentSchema:schema141,data};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
validate53.errors = vErrors;
return errors === 0;
}
validate53.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const pattern14 = new RegExp("^/", "u");
const pattern16 = new RegExp("^https?://[^\\s]+$", "u");

function validate37(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
/*# sourceURL="mock.schema.json" */;
let vErrors = null;
let errors = 0;
const evaluated0 = validate37.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.apiVersion === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "apiVersion"},message:"must have required property '"+"apiVersion"+"'",schema:schema128.required,parentSchema:schema128,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.kind === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "kind"},message:"must have required property '"+"kind"+"'",schema:schema128.required,parentSchema:schema128,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(data.spec === undefined){
const err2 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "spec"},message:"must have required property '"+"spec"+"'",schema:schema128.required,parentSchema:schema128,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
for(const key0 in data){
if(!((((key0 === "apiVersion") || (key0 === "kind")) || (key0 === "metadata")) || (key0 === "spec"))){
const err3 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema128,data};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.apiVersion !== undefined){
let data0 = data.apiVersion;
if("callboard/v1" !== data0){
const err4 = {instancePath:instancePath+"/apiVersion",schemaPath:"common.schema.json#/$defs/apiVersion/const",keyword:"const",params:{allowedValue: "callboard/v1"},message:"must be equal to constant",schema:"callboard/v1",parentSchema:schema33,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.kind !== undefined){
let data1 = data.kind;
if("Mock" !== data1){
const err5 = {instancePath:instancePath+"/kind",schemaPath:"#/properties/kind/const",keyword:"const",params:{allowedValue: "Mock"},message:"must be equal to constant",schema:"Mock",parentSchema:schema128.properties.kind,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.metadata !== undefined){
if(!(validate38(data.metadata, {instancePath:instancePath+"/metadata",parentData:data,parentDataProperty:"metadata",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate38.errors : vErrors.concat(validate38.errors);
errors = vErrors.length;
}
}
if(data.spec !== undefined){
let data3 = data.spec;
const _errs8 = errors;
let valid2 = false;
let passing0 = null;
const _errs9 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.response === undefined){
const err6 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/oneOf/0/required",keyword:"required",params:{missingProperty: "response"},message:"must have required property '"+"response"+"'",schema:schema128.properties.spec.oneOf[0].required,parentSchema:schema128.properties.spec.oneOf[0],data:data3};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
var _valid0 = _errs9 === errors;
if(_valid0){
valid2 = true;
passing0 = 0;
}
const _errs10 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.oneOf === undefined){
const err7 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/oneOf/1/required",keyword:"required",params:{missingProperty: "oneOf"},message:"must have required property '"+"oneOf"+"'",schema:schema128.properties.spec.oneOf[1].required,parentSchema:schema128.properties.spec.oneOf[1],data:data3};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
var _valid0 = _errs10 === errors;
if(_valid0 && valid2){
valid2 = false;
passing0 = [passing0, 1];
}
else {
if(_valid0){
valid2 = true;
passing0 = 1;
}
const _errs11 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.proxy === undefined){
const err8 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/oneOf/2/required",keyword:"required",params:{missingProperty: "proxy"},message:"must have required property '"+"proxy"+"'",schema:schema128.properties.spec.oneOf[2].required,parentSchema:schema128.properties.spec.oneOf[2],data:data3};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
var _valid0 = _errs11 === errors;
if(_valid0 && valid2){
valid2 = false;
passing0 = [passing0, 2];
}
else {
if(_valid0){
valid2 = true;
passing0 = 2;
}
}
}
if(!valid2){
const err9 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf",schema:schema128.properties.spec.oneOf,parentSchema:schema128.properties.spec,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
else {
errors = _errs8;
if(vErrors !== null){
if(_errs8){
vErrors.length = _errs8;
}
else {
vErrors = null;
}
}
}
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.http === undefined){
const err10 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/required",keyword:"required",params:{missingProperty: "http"},message:"must have required property '"+"http"+"'",schema:schema128.properties.spec.required,parentSchema:schema128.properties.spec,data:data3};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
for(const key1 in data3){
if(!(func11.call(schema128.properties.spec.properties, key1))){
const err11 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema128.properties.spec,data:data3};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data3.id !== undefined){
let data4 = data3.id;
if(typeof data4 === "string"){
if(func1(data4) < 1){
const err12 = {instancePath:instancePath+"/spec/id",schemaPath:"#/properties/spec/properties/id/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema128.properties.spec.properties.id,data:data4};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
else {
const err13 = {instancePath:instancePath+"/spec/id",schemaPath:"#/properties/spec/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema128.properties.spec.properties.id.type,parentSchema:schema128.properties.spec.properties.id,data:data4};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data3.namespace !== undefined){
let data5 = data3.namespace;
if(typeof data5 === "string"){
if(func1(data5) < 1){
const err14 = {instancePath:instancePath+"/spec/namespace",schemaPath:"#/properties/spec/properties/namespace/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema128.properties.spec.properties.namespace,data:data5};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
else {
const err15 = {instancePath:instancePath+"/spec/namespace",schemaPath:"#/properties/spec/properties/namespace/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema128.properties.spec.properties.namespace.type,parentSchema:schema128.properties.spec.properties.namespace,data:data5};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data3.http !== undefined){
let data6 = data3.http;
const _errs19 = errors;
let valid4 = false;
const _errs20 = errors;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
if(data6.route === undefined){
const err16 = {instancePath:instancePath+"/spec/http",schemaPath:"#/properties/spec/properties/http/anyOf/0/required",keyword:"required",params:{missingProperty: "route"},message:"must have required property '"+"route"+"'",schema:schema128.properties.spec.properties.http.anyOf[0].required,parentSchema:schema128.properties.spec.properties.http.anyOf[0],data:data6};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
var _valid1 = _errs20 === errors;
valid4 = valid4 || _valid1;
const _errs21 = errors;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
if(data6.routePattern === undefined){
const err17 = {instancePath:instancePath+"/spec/http",schemaPath:"#/properties/spec/properties/http/anyOf/1/required",keyword:"required",params:{missingProperty: "routePattern"},message:"must have required property '"+"routePattern"+"'",schema:schema128.properties.spec.properties.http.anyOf[1].required,parentSchema:schema128.properties.spec.properties.http.anyOf[1],data:data6};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
var _valid1 = _errs21 === errors;
valid4 = valid4 || _valid1;
if(!valid4){
const err18 = {instancePath:instancePath+"/spec/http",schemaPath:"#/properties/spec/properties/http/anyOf",keyword:"anyOf",params:{},message:"must match a schema in anyOf",schema:schema128.properties.spec.properties.http.anyOf,parentSchema:schema128.properties.spec.properties.http,data:data6};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
else {
errors = _errs19;
if(vErrors !== null){
if(_errs19){
vErrors.length = _errs19;
}
else {
vErrors = null;
}
}
}
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
for(const key2 in data6){
if(!(func11.call(schema128.properties.spec.properties.http.properties, key2))){
const err19 = {instancePath:instancePath+"/spec/http",schemaPath:"#/properties/spec/properties/http/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema128.properties.spec.properties.http,data:data6};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
if(data6.route !== undefined){
let data7 = data6.route;
if(typeof data7 === "string"){
if(func1(data7) > 4096){
const err20 = {instancePath:instancePath+"/spec/http/route",schemaPath:"#/properties/spec/properties/http/properties/route/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters",schema:4096,parentSchema:schema128.properties.spec.properties.http.properties.route,data:data7};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
if(func1(data7) < 1){
const err21 = {instancePath:instancePath+"/spec/http/route",schemaPath:"#/properties/spec/properties/http/properties/route/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema128.properties.spec.properties.http.properties.route,data:data7};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(!pattern14.test(data7)){
const err22 = {instancePath:instancePath+"/spec/http/route",schemaPath:"#/properties/spec/properties/http/properties/route/pattern",keyword:"pattern",params:{pattern: "^/"},message:"must match pattern \""+"^/"+"\"",schema:"^/",parentSchema:schema128.properties.spec.properties.http.properties.route,data:data7};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
else {
const err23 = {instancePath:instancePath+"/spec/http/route",schemaPath:"#/properties/spec/properties/http/properties/route/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema128.properties.spec.properties.http.properties.route.type,parentSchema:schema128.properties.spec.properties.http.properties.route,data:data7};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data6.routePattern !== undefined){
let data8 = data6.routePattern;
if(typeof data8 === "string"){
if(func1(data8) > 4096){
const err24 = {instancePath:instancePath+"/spec/http/routePattern",schemaPath:"#/properties/spec/properties/http/properties/routePattern/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters",schema:4096,parentSchema:schema128.properties.spec.properties.http.properties.routePattern,data:data8};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
if(func1(data8) < 1){
const err25 = {instancePath:instancePath+"/spec/http/routePattern",schemaPath:"#/properties/spec/properties/http/properties/routePattern/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema128.properties.spec.properties.http.properties.routePattern,data:data8};
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
const err26 = {instancePath:instancePath+"/spec/http/routePattern",schemaPath:"#/properties/spec/properties/http/properties/routePattern/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema128.properties.spec.properties.http.properties.routePattern.type,parentSchema:schema128.properties.spec.properties.http.properties.routePattern,data:data8};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data6.httpMethod !== undefined){
let data9 = data6.httpMethod;
if(!((((((((((((((((((data9 === "GET") || (data9 === "HEAD")) || (data9 === "POST")) || (data9 === "PUT")) || (data9 === "PATCH")) || (data9 === "DELETE")) || (data9 === "OPTIONS")) || (data9 === "TRACE")) || (data9 === "PROPFIND")) || (data9 === "PROPPATCH")) || (data9 === "MKCOL")) || (data9 === "COPY")) || (data9 === "MOVE")) || (data9 === "LOCK")) || (data9 === "UNLOCK")) || (data9 === "REPORT")) || (data9 === "SEARCH")) || (data9 === "PURGE"))){
const err27 = {instancePath:instancePath+"/spec/http/httpMethod",schemaPath:"#/properties/spec/properties/http/properties/httpMethod/enum",keyword:"enum",params:{allowedValues: schema128.properties.spec.properties.http.properties.httpMethod.enum},message:"must be equal to one of the allowed values",schema:schema128.properties.spec.properties.http.properties.httpMethod.enum,parentSchema:schema128.properties.spec.properties.http.properties.httpMethod,data:data9};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data6.conditions !== undefined){
let data10 = data6.conditions;
if(Array.isArray(data10)){
if(data10.length > 256){
const err28 = {instancePath:instancePath+"/spec/http/conditions",schemaPath:"#/properties/spec/properties/http/properties/conditions/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema128.properties.spec.properties.http.properties.conditions,data:data10};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
const len0 = data10.length;
for(let i0=0; i0<len0; i0++){
if(!(validate40(data10[i0], {instancePath:instancePath+"/spec/http/conditions/" + i0,parentData:data10,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate40.errors : vErrors.concat(validate40.errors);
errors = vErrors.length;
}
}
}
else {
const err29 = {instancePath:instancePath+"/spec/http/conditions",schemaPath:"#/properties/spec/properties/http/properties/conditions/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema128.properties.spec.properties.http.properties.conditions.type,parentSchema:schema128.properties.spec.properties.http.properties.conditions,data:data10};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data6.queryParams !== undefined){
let data12 = data6.queryParams;
if(Array.isArray(data12)){
if(data12.length > 256){
const err30 = {instancePath:instancePath+"/spec/http/queryParams",schemaPath:"#/properties/spec/properties/http/properties/queryParams/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema128.properties.spec.properties.http.properties.queryParams,data:data12};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
const len1 = data12.length;
for(let i1=0; i1<len1; i1++){
if(!(validate42(data12[i1], {instancePath:instancePath+"/spec/http/queryParams/" + i1,parentData:data12,parentDataProperty:i1,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate42.errors : vErrors.concat(validate42.errors);
errors = vErrors.length;
}
}
}
else {
const err31 = {instancePath:instancePath+"/spec/http/queryParams",schemaPath:"#/properties/spec/properties/http/properties/queryParams/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema128.properties.spec.properties.http.properties.queryParams.type,parentSchema:schema128.properties.spec.properties.http.properties.queryParams,data:data12};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data6.header !== undefined){
let data14 = data6.header;
if(Array.isArray(data14)){
if(data14.length > 256){
const err32 = {instancePath:instancePath+"/spec/http/header",schemaPath:"#/properties/spec/properties/http/properties/header/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema128.properties.spec.properties.http.properties.header,data:data14};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
const len2 = data14.length;
for(let i2=0; i2<len2; i2++){
if(!(validate42(data14[i2], {instancePath:instancePath+"/spec/http/header/" + i2,parentData:data14,parentDataProperty:i2,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate42.errors : vErrors.concat(validate42.errors);
errors = vErrors.length;
}
}
}
else {
const err33 = {instancePath:instancePath+"/spec/http/header",schemaPath:"#/properties/spec/properties/http/properties/header/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema128.properties.spec.properties.http.properties.header.type,parentSchema:schema128.properties.spec.properties.http.properties.header,data:data14};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data6.cookies !== undefined){
let data16 = data6.cookies;
if(Array.isArray(data16)){
if(data16.length > 256){
const err34 = {instancePath:instancePath+"/spec/http/cookies",schemaPath:"#/properties/spec/properties/http/properties/cookies/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema128.properties.spec.properties.http.properties.cookies,data:data16};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
const len3 = data16.length;
for(let i3=0; i3<len3; i3++){
if(!(validate42(data16[i3], {instancePath:instancePath+"/spec/http/cookies/" + i3,parentData:data16,parentDataProperty:i3,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate42.errors : vErrors.concat(validate42.errors);
errors = vErrors.length;
}
}
}
else {
const err35 = {instancePath:instancePath+"/spec/http/cookies",schemaPath:"#/properties/spec/properties/http/properties/cookies/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema128.properties.spec.properties.http.properties.cookies.type,parentSchema:schema128.properties.spec.properties.http.properties.cookies,data:data16};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data6.form !== undefined){
let data18 = data6.form;
if(Array.isArray(data18)){
if(data18.length > 256){
const err36 = {instancePath:instancePath+"/spec/http/form",schemaPath:"#/properties/spec/properties/http/properties/form/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema128.properties.spec.properties.http.properties.form,data:data18};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
const len4 = data18.length;
for(let i4=0; i4<len4; i4++){
if(!(validate42(data18[i4], {instancePath:instancePath+"/spec/http/form/" + i4,parentData:data18,parentDataProperty:i4,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate42.errors : vErrors.concat(validate42.errors);
errors = vErrors.length;
}
}
}
else {
const err37 = {instancePath:instancePath+"/spec/http/form",schemaPath:"#/properties/spec/properties/http/properties/form/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema128.properties.spec.properties.http.properties.form.type,parentSchema:schema128.properties.spec.properties.http.properties.form,data:data18};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data6.sortArray !== undefined){
let data20 = data6.sortArray;
if(typeof data20 !== "boolean"){
const err38 = {instancePath:instancePath+"/spec/http/sortArray",schemaPath:"#/properties/spec/properties/http/properties/sortArray/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema128.properties.spec.properties.http.properties.sortArray.type,parentSchema:schema128.properties.spec.properties.http.properties.sortArray,data:data20};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
}
else {
const err39 = {instancePath:instancePath+"/spec/http",schemaPath:"#/properties/spec/properties/http/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema128.properties.spec.properties.http.type,parentSchema:schema128.properties.spec.properties.http,data:data6};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
if(data3.response !== undefined){
if(!(validate48(data3.response, {instancePath:instancePath+"/spec/response",parentData:data3,parentDataProperty:"response",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate48.errors : vErrors.concat(validate48.errors);
errors = vErrors.length;
}
}
if(data3.oneOf !== undefined){
let data22 = data3.oneOf;
if(data22 && typeof data22 == "object" && !Array.isArray(data22)){
if(data22.responses === undefined){
const err40 = {instancePath:instancePath+"/spec/oneOf",schemaPath:"#/properties/spec/properties/oneOf/required",keyword:"required",params:{missingProperty: "responses"},message:"must have required property '"+"responses"+"'",schema:schema128.properties.spec.properties.oneOf.required,parentSchema:schema128.properties.spec.properties.oneOf,data:data22};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
for(const key3 in data22){
if(!((((key3 === "order") || (key3 === "weights")) || (key3 === "responses")) || (key3 === "offset"))){
const err41 = {instancePath:instancePath+"/spec/oneOf",schemaPath:"#/properties/spec/properties/oneOf/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties",schema:false,parentSchema:schema128.properties.spec.properties.oneOf,data:data22};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
if(data22.order !== undefined){
let data23 = data22.order;
if(!((data23 === "order") || (data23 === "random"))){
const err42 = {instancePath:instancePath+"/spec/oneOf/order",schemaPath:"#/properties/spec/properties/oneOf/properties/order/enum",keyword:"enum",params:{allowedValues: schema128.properties.spec.properties.oneOf.properties.order.enum},message:"must be equal to one of the allowed values",schema:schema128.properties.spec.properties.oneOf.properties.order.enum,parentSchema:schema128.properties.spec.properties.oneOf.properties.order,data:data23};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
if(data22.weights !== undefined){
let data24 = data22.weights;
if(Array.isArray(data24)){
if(data24.length > 1024){
const err43 = {instancePath:instancePath+"/spec/oneOf/weights",schemaPath:"#/properties/spec/properties/oneOf/properties/weights/maxItems",keyword:"maxItems",params:{limit: 1024},message:"must NOT have more than 1024 items",schema:1024,parentSchema:schema128.properties.spec.properties.oneOf.properties.weights,data:data24};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
if(data24.length < 1){
const err44 = {instancePath:instancePath+"/spec/oneOf/weights",schemaPath:"#/properties/spec/properties/oneOf/properties/weights/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema128.properties.spec.properties.oneOf.properties.weights,data:data24};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
const len5 = data24.length;
for(let i5=0; i5<len5; i5++){
let data25 = data24[i5];
if((typeof data25 == "number") && (isFinite(data25))){
if(data25 < 0 || isNaN(data25)){
const err45 = {instancePath:instancePath+"/spec/oneOf/weights/" + i5,schemaPath:"#/properties/spec/properties/oneOf/properties/weights/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema128.properties.spec.properties.oneOf.properties.weights.items,data:data25};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
else {
const err46 = {instancePath:instancePath+"/spec/oneOf/weights/" + i5,schemaPath:"#/properties/spec/properties/oneOf/properties/weights/items/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema128.properties.spec.properties.oneOf.properties.weights.items.type,parentSchema:schema128.properties.spec.properties.oneOf.properties.weights.items,data:data25};
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
else {
const err47 = {instancePath:instancePath+"/spec/oneOf/weights",schemaPath:"#/properties/spec/properties/oneOf/properties/weights/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema128.properties.spec.properties.oneOf.properties.weights.type,parentSchema:schema128.properties.spec.properties.oneOf.properties.weights,data:data24};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data22.responses !== undefined){
let data26 = data22.responses;
if(Array.isArray(data26)){
if(data26.length > 1024){
const err48 = {instancePath:instancePath+"/spec/oneOf/responses",schemaPath:"#/properties/spec/properties/oneOf/properties/responses/maxItems",keyword:"maxItems",params:{limit: 1024},message:"must NOT have more than 1024 items",schema:1024,parentSchema:schema128.properties.spec.properties.oneOf.properties.responses,data:data26};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
if(data26.length < 1){
const err49 = {instancePath:instancePath+"/spec/oneOf/responses",schemaPath:"#/properties/spec/properties/oneOf/properties/responses/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema128.properties.spec.properties.oneOf.properties.responses,data:data26};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
const len6 = data26.length;
for(let i6=0; i6<len6; i6++){
if(!(validate48(data26[i6], {instancePath:instancePath+"/spec/oneOf/responses/" + i6,parentData:data26,parentDataProperty:i6,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate48.errors : vErrors.concat(validate48.errors);
errors = vErrors.length;
}
}
}
else {
const err50 = {instancePath:instancePath+"/spec/oneOf/responses",schemaPath:"#/properties/spec/properties/oneOf/properties/responses/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema128.properties.spec.properties.oneOf.properties.responses.type,parentSchema:schema128.properties.spec.properties.oneOf.properties.responses,data:data26};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
}
else {
const err51 = {instancePath:instancePath+"/spec/oneOf",schemaPath:"#/properties/spec/properties/oneOf/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema128.properties.spec.properties.oneOf.type,parentSchema:schema128.properties.spec.properties.oneOf,data:data22};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
if(data3.proxy !== undefined){
let data28 = data3.proxy;
if(data28 && typeof data28 == "object" && !Array.isArray(data28)){
if(data28.target === undefined){
const err52 = {instancePath:instancePath+"/spec/proxy",schemaPath:"#/properties/spec/properties/proxy/required",keyword:"required",params:{missingProperty: "target"},message:"must have required property '"+"target"+"'",schema:schema128.properties.spec.properties.proxy.required,parentSchema:schema128.properties.spec.properties.proxy,data:data28};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
for(const key4 in data28){
if(!(key4 === "target")){
const err53 = {instancePath:instancePath+"/spec/proxy",schemaPath:"#/properties/spec/properties/proxy/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties",schema:false,parentSchema:schema128.properties.spec.properties.proxy,data:data28};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
if(data28.target !== undefined){
let data29 = data28.target;
if(typeof data29 === "string"){
if(!pattern16.test(data29)){
const err54 = {instancePath:instancePath+"/spec/proxy/target",schemaPath:"#/properties/spec/properties/proxy/properties/target/pattern",keyword:"pattern",params:{pattern: "^https?://[^\\s]+$"},message:"must match pattern \""+"^https?://[^\\s]+$"+"\"",schema:"^https?://[^\\s]+$",parentSchema:schema128.properties.spec.properties.proxy.properties.target,data:data29};
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
const err55 = {instancePath:instancePath+"/spec/proxy/target",schemaPath:"#/properties/spec/properties/proxy/properties/target/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema128.properties.spec.properties.proxy.properties.target.type,parentSchema:schema128.properties.spec.properties.proxy.properties.target,data:data29};
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
const err56 = {instancePath:instancePath+"/spec/proxy",schemaPath:"#/properties/spec/properties/proxy/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema128.properties.spec.properties.proxy.type,parentSchema:schema128.properties.spec.properties.proxy,data:data28};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
if(data3.webhooks !== undefined){
let data30 = data3.webhooks;
if(Array.isArray(data30)){
if(data30.length > 64){
const err57 = {instancePath:instancePath+"/spec/webhooks",schemaPath:"#/properties/spec/properties/webhooks/maxItems",keyword:"maxItems",params:{limit: 64},message:"must NOT have more than 64 items",schema:64,parentSchema:schema128.properties.spec.properties.webhooks,data:data30};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
const len7 = data30.length;
for(let i7=0; i7<len7; i7++){
if(!(validate53(data30[i7], {instancePath:instancePath+"/spec/webhooks/" + i7,parentData:data30,parentDataProperty:i7,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate53.errors : vErrors.concat(validate53.errors);
errors = vErrors.length;
}
}
}
else {
const err58 = {instancePath:instancePath+"/spec/webhooks",schemaPath:"#/properties/spec/properties/webhooks/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema128.properties.spec.properties.webhooks.type,parentSchema:schema128.properties.spec.properties.webhooks,data:data30};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
if(data3.extract !== undefined){
let data32 = data3.extract;
if(data32 && typeof data32 == "object" && !Array.isArray(data32)){
for(const key5 in data32){
if(!(((key5 === "mStore") || (key5 === "cStore")) || (key5 === "gStore"))){
const err59 = {instancePath:instancePath+"/spec/extract",schemaPath:"#/properties/spec/properties/extract/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties",schema:false,parentSchema:schema128.properties.spec.properties.extract,data:data32};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data32.mStore !== undefined){
let data33 = data32.mStore;
if(data33 && typeof data33 == "object" && !Array.isArray(data33)){
if(Object.keys(data33).length > 1024){
const err60 = {instancePath:instancePath+"/spec/extract/mStore",schemaPath:"#/properties/spec/properties/extract/properties/mStore/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties",schema:1024,parentSchema:schema128.properties.spec.properties.extract.properties.mStore,data:data33};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
else {
const err61 = {instancePath:instancePath+"/spec/extract/mStore",schemaPath:"#/properties/spec/properties/extract/properties/mStore/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema128.properties.spec.properties.extract.properties.mStore.type,parentSchema:schema128.properties.spec.properties.extract.properties.mStore,data:data33};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data32.cStore !== undefined){
let data34 = data32.cStore;
if(data34 && typeof data34 == "object" && !Array.isArray(data34)){
if(Object.keys(data34).length > 1024){
const err62 = {instancePath:instancePath+"/spec/extract/cStore",schemaPath:"#/properties/spec/properties/extract/properties/cStore/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties",schema:1024,parentSchema:schema128.properties.spec.properties.extract.properties.cStore,data:data34};
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
const err63 = {instancePath:instancePath+"/spec/extract/cStore",schemaPath:"#/properties/spec/properties/extract/properties/cStore/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema128.properties.spec.properties.extract.properties.cStore.type,parentSchema:schema128.properties.spec.properties.extract.properties.cStore,data:data34};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
if(data32.gStore !== undefined){
let data35 = data32.gStore;
if(data35 && typeof data35 == "object" && !Array.isArray(data35)){
if(Object.keys(data35).length > 1024){
const err64 = {instancePath:instancePath+"/spec/extract/gStore",schemaPath:"#/properties/spec/properties/extract/properties/gStore/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties",schema:1024,parentSchema:schema128.properties.spec.properties.extract.properties.gStore,data:data35};
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
const err65 = {instancePath:instancePath+"/spec/extract/gStore",schemaPath:"#/properties/spec/properties/extract/properties/gStore/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema128.properties.spec.properties.extract.properties.gStore.type,parentSchema:schema128.properties.spec.properties.extract.properties.gStore,data:data35};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
}
else {
const err66 = {instancePath:instancePath+"/spec/extract",schemaPath:"#/properties/spec/properties/extract/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema128.properties.spec.properties.extract.type,parentSchema:schema128.properties.spec.properties.extract,data:data32};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
}
if(data3.extractors !== undefined){
let data36 = data3.extractors;
if(Array.isArray(data36)){
if(data36.length > 256){
const err67 = {instancePath:instancePath+"/spec/extractors",schemaPath:"#/properties/spec/properties/extractors/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema128.properties.spec.properties.extractors,data:data36};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
const len8 = data36.length;
for(let i8=0; i8<len8; i8++){
let data37 = data36[i8];
if(data37 && typeof data37 == "object" && !Array.isArray(data37)){
if(data37.toStore === undefined){
const err68 = {instancePath:instancePath+"/spec/extractors/" + i8,schemaPath:"#/properties/spec/properties/extractors/items/required",keyword:"required",params:{missingProperty: "toStore"},message:"must have required property '"+"toStore"+"'",schema:schema128.properties.spec.properties.extractors.items.required,parentSchema:schema128.properties.spec.properties.extractors.items,data:data37};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
if(data37.key === undefined){
const err69 = {instancePath:instancePath+"/spec/extractors/" + i8,schemaPath:"#/properties/spec/properties/extractors/items/required",keyword:"required",params:{missingProperty: "key"},message:"must have required property '"+"key"+"'",schema:schema128.properties.spec.properties.extractors.items.required,parentSchema:schema128.properties.spec.properties.extractors.items,data:data37};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
for(const key6 in data37){
if(!((((key6 === "from") || (key6 === "jsonPath")) || (key6 === "toStore")) || (key6 === "key"))){
const err70 = {instancePath:instancePath+"/spec/extractors/" + i8,schemaPath:"#/properties/spec/properties/extractors/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties",schema:false,parentSchema:schema128.properties.spec.properties.extractors.items,data:data37};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
if(data37.from !== undefined){
let data38 = data37.from;
if(!((((data38 === "body") || (data38 === "header")) || (data38 === "query")) || (data38 === "path"))){
const err71 = {instancePath:instancePath+"/spec/extractors/" + i8+"/from",schemaPath:"#/properties/spec/properties/extractors/items/properties/from/enum",keyword:"enum",params:{allowedValues: schema128.properties.spec.properties.extractors.items.properties.from.enum},message:"must be equal to one of the allowed values",schema:schema128.properties.spec.properties.extractors.items.properties.from.enum,parentSchema:schema128.properties.spec.properties.extractors.items.properties.from,data:data38};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
if(data37.jsonPath !== undefined){
let data39 = data37.jsonPath;
if(typeof data39 === "string"){
if(func1(data39) < 1){
const err72 = {instancePath:instancePath+"/spec/extractors/" + i8+"/jsonPath",schemaPath:"#/properties/spec/properties/extractors/items/properties/jsonPath/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema128.properties.spec.properties.extractors.items.properties.jsonPath,data:data39};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
else {
const err73 = {instancePath:instancePath+"/spec/extractors/" + i8+"/jsonPath",schemaPath:"#/properties/spec/properties/extractors/items/properties/jsonPath/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema128.properties.spec.properties.extractors.items.properties.jsonPath.type,parentSchema:schema128.properties.spec.properties.extractors.items.properties.jsonPath,data:data39};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data37.toStore !== undefined){
let data40 = data37.toStore;
if(!(((data40 === "mock") || (data40 === "chain")) || (data40 === "global"))){
const err74 = {instancePath:instancePath+"/spec/extractors/" + i8+"/toStore",schemaPath:"#/properties/spec/properties/extractors/items/properties/toStore/enum",keyword:"enum",params:{allowedValues: schema128.properties.spec.properties.extractors.items.properties.toStore.enum},message:"must be equal to one of the allowed values",schema:schema128.properties.spec.properties.extractors.items.properties.toStore.enum,parentSchema:schema128.properties.spec.properties.extractors.items.properties.toStore,data:data40};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
if(data37.key !== undefined){
let data41 = data37.key;
if(typeof data41 === "string"){
if(func1(data41) > 1024){
const err75 = {instancePath:instancePath+"/spec/extractors/" + i8+"/key",schemaPath:"#/properties/spec/properties/extractors/items/properties/key/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters",schema:1024,parentSchema:schema128.properties.spec.properties.extractors.items.properties.key,data:data41};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
if(func1(data41) < 1){
const err76 = {instancePath:instancePath+"/spec/extractors/" + i8+"/key",schemaPath:"#/properties/spec/properties/extractors/items/properties/key/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema128.properties.spec.properties.extractors.items.properties.key,data:data41};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
}
else {
const err77 = {instancePath:instancePath+"/spec/extractors/" + i8+"/key",schemaPath:"#/properties/spec/properties/extractors/items/properties/key/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema128.properties.spec.properties.extractors.items.properties.key.type,parentSchema:schema128.properties.spec.properties.extractors.items.properties.key,data:data41};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
}
else {
const err78 = {instancePath:instancePath+"/spec/extractors/" + i8,schemaPath:"#/properties/spec/properties/extractors/items/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema128.properties.spec.properties.extractors.items.type,parentSchema:schema128.properties.spec.properties.extractors.items,data:data37};
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
const err79 = {instancePath:instancePath+"/spec/extractors",schemaPath:"#/properties/spec/properties/extractors/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema128.properties.spec.properties.extractors.type,parentSchema:schema128.properties.spec.properties.extractors,data:data36};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
}
if(data3.mStore !== undefined){
let data42 = data3.mStore;
if(data42 && typeof data42 == "object" && !Array.isArray(data42)){
if(Object.keys(data42).length > 1024){
const err80 = {instancePath:instancePath+"/spec/mStore",schemaPath:"#/properties/spec/properties/mStore/maxProperties",keyword:"maxProperties",params:{limit: 1024},message:"must NOT have more than 1024 properties",schema:1024,parentSchema:schema128.properties.spec.properties.mStore,data:data42};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
else {
const err81 = {instancePath:instancePath+"/spec/mStore",schemaPath:"#/properties/spec/properties/mStore/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema128.properties.spec.properties.mStore.type,parentSchema:schema128.properties.spec.properties.mStore,data:data42};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
if(data3.chainId !== undefined){
let data43 = data3.chainId;
if(typeof data43 === "string"){
if(func1(data43) > 4096){
const err82 = {instancePath:instancePath+"/spec/chainId",schemaPath:"#/properties/spec/properties/chainId/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters",schema:4096,parentSchema:schema128.properties.spec.properties.chainId,data:data43};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
if(func1(data43) < 1){
const err83 = {instancePath:instancePath+"/spec/chainId",schemaPath:"#/properties/spec/properties/chainId/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema128.properties.spec.properties.chainId,data:data43};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
}
else {
const err84 = {instancePath:instancePath+"/spec/chainId",schemaPath:"#/properties/spec/properties/chainId/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema128.properties.spec.properties.chainId.type,parentSchema:schema128.properties.spec.properties.chainId,data:data43};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
}
if(data3.priority !== undefined){
let data44 = data3.priority;
if(!(((typeof data44 == "number") && (!(data44 % 1) && !isNaN(data44))) && (isFinite(data44)))){
const err85 = {instancePath:instancePath+"/spec/priority",schemaPath:"#/properties/spec/properties/priority/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema128.properties.spec.properties.priority.type,parentSchema:schema128.properties.spec.properties.priority,data:data44};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
if((typeof data44 == "number") && (isFinite(data44))){
if(data44 > 1000000000 || isNaN(data44)){
const err86 = {instancePath:instancePath+"/spec/priority",schemaPath:"#/properties/spec/properties/priority/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000000000},message:"must be <= 1000000000",schema:1000000000,parentSchema:schema128.properties.spec.properties.priority,data:data44};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
if(data44 < -1000000000 || isNaN(data44)){
const err87 = {instancePath:instancePath+"/spec/priority",schemaPath:"#/properties/spec/properties/priority/minimum",keyword:"minimum",params:{comparison: ">=", limit: -1000000000},message:"must be >= -1000000000",schema:-1000000000,parentSchema:schema128.properties.spec.properties.priority,data:data44};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
}
if(data3.ttl !== undefined){
let data45 = data3.ttl;
if((typeof data45 == "number") && (isFinite(data45))){
if(data45 < 0 || isNaN(data45)){
const err88 = {instancePath:instancePath+"/spec/ttl",schemaPath:"#/properties/spec/properties/ttl/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema128.properties.spec.properties.ttl,data:data45};
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
const err89 = {instancePath:instancePath+"/spec/ttl",schemaPath:"#/properties/spec/properties/ttl/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema128.properties.spec.properties.ttl.type,parentSchema:schema128.properties.spec.properties.ttl,data:data45};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
}
if(data3.useLimiter !== undefined){
let data46 = data3.useLimiter;
if(!(((typeof data46 == "number") && (!(data46 % 1) && !isNaN(data46))) && (isFinite(data46)))){
const err90 = {instancePath:instancePath+"/spec/useLimiter",schemaPath:"#/properties/spec/properties/useLimiter/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema128.properties.spec.properties.useLimiter.type,parentSchema:schema128.properties.spec.properties.useLimiter,data:data46};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
if((typeof data46 == "number") && (isFinite(data46))){
if(data46 < 0 || isNaN(data46)){
const err91 = {instancePath:instancePath+"/spec/useLimiter",schemaPath:"#/properties/spec/properties/useLimiter/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema128.properties.spec.properties.useLimiter,data:data46};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
}
}
if(data3.tags !== undefined){
let data47 = data3.tags;
if(Array.isArray(data47)){
if(data47.length > 256){
const err92 = {instancePath:instancePath+"/spec/tags",schemaPath:"#/properties/spec/properties/tags/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema128.properties.spec.properties.tags,data:data47};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
const len9 = data47.length;
for(let i9=0; i9<len9; i9++){
let data48 = data47[i9];
if(typeof data48 === "string"){
if(func1(data48) < 1){
const err93 = {instancePath:instancePath+"/spec/tags/" + i9,schemaPath:"#/properties/spec/properties/tags/items/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema128.properties.spec.properties.tags.items,data:data48};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
}
else {
const err94 = {instancePath:instancePath+"/spec/tags/" + i9,schemaPath:"#/properties/spec/properties/tags/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema128.properties.spec.properties.tags.items.type,parentSchema:schema128.properties.spec.properties.tags.items,data:data48};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
}
}
else {
const err95 = {instancePath:instancePath+"/spec/tags",schemaPath:"#/properties/spec/properties/tags/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema128.properties.spec.properties.tags.type,parentSchema:schema128.properties.spec.properties.tags,data:data47};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
if(data3.faults !== undefined){
let data49 = data3.faults;
if(!data49 || typeof data49 != "object"){
const err96 = {instancePath:instancePath+"/spec/faults",schemaPath:"#/properties/spec/properties/faults/type",keyword:"type",params:{type: schema128.properties.spec.properties.faults.type},message:"must be object,array",schema:schema128.properties.spec.properties.faults.type,parentSchema:schema128.properties.spec.properties.faults,data:data49};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
const _errs101 = errors;
let valid30 = true;
const _errs102 = errors;
if(!(Array.isArray(data49))){
const err97 = {};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
var _valid2 = _errs102 === errors;
errors = _errs101;
if(vErrors !== null){
if(_errs101){
vErrors.length = _errs101;
}
else {
vErrors = null;
}
}
let ifClause0;
if(_valid2){
const _errs104 = errors;
if(Array.isArray(data49)){
if(data49.length > 64){
const err98 = {instancePath:instancePath+"/spec/faults",schemaPath:"#/properties/spec/properties/faults/then/maxItems",keyword:"maxItems",params:{limit: 64},message:"must NOT have more than 64 items",schema:64,parentSchema:schema128.properties.spec.properties.faults.then,data:data49};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
const len10 = data49.length;
for(let i10=0; i10<len10; i10++){
let data50 = data49[i10];
if(data50 && typeof data50 == "object" && !Array.isArray(data50)){
if(data50.kind === undefined){
const err99 = {instancePath:instancePath+"/spec/faults/" + i10,schemaPath:"#/$defs/fault/required",keyword:"required",params:{missingProperty: "kind"},message:"must have required property '"+"kind"+"'",schema:schema151.required,parentSchema:schema151,data:data50};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
for(const key7 in data50){
if(!(((((key7 === "kind") || (key7 === "rate")) || (key7 === "statusCode")) || (key7 === "duration")) || (key7 === "seed"))){
const err100 = {instancePath:instancePath+"/spec/faults/" + i10,schemaPath:"#/$defs/fault/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties",schema:false,parentSchema:schema151,data:data50};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
}
if(data50.kind !== undefined){
let data51 = data50.kind;
if(!(((((data51 === "status") || (data51 === "reset")) || (data51 === "empty")) || (data51 === "malformed")) || (data51 === "slow"))){
const err101 = {instancePath:instancePath+"/spec/faults/" + i10+"/kind",schemaPath:"#/$defs/fault/properties/kind/enum",keyword:"enum",params:{allowedValues: schema151.properties.kind.enum},message:"must be equal to one of the allowed values",schema:schema151.properties.kind.enum,parentSchema:schema151.properties.kind,data:data51};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
}
if(data50.rate !== undefined){
let data52 = data50.rate;
if((typeof data52 == "number") && (isFinite(data52))){
if(data52 > 1 || isNaN(data52)){
const err102 = {instancePath:instancePath+"/spec/faults/" + i10+"/rate",schemaPath:"#/$defs/fault/properties/rate/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1},message:"must be <= 1",schema:1,parentSchema:schema151.properties.rate,data:data52};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
if(data52 < 0 || isNaN(data52)){
const err103 = {instancePath:instancePath+"/spec/faults/" + i10+"/rate",schemaPath:"#/$defs/fault/properties/rate/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema151.properties.rate,data:data52};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
}
else {
const err104 = {instancePath:instancePath+"/spec/faults/" + i10+"/rate",schemaPath:"#/$defs/fault/properties/rate/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema151.properties.rate.type,parentSchema:schema151.properties.rate,data:data52};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
}
if(data50.statusCode !== undefined){
let data53 = data50.statusCode;
if(!(((typeof data53 == "number") && (!(data53 % 1) && !isNaN(data53))) && (isFinite(data53)))){
const err105 = {instancePath:instancePath+"/spec/faults/" + i10+"/statusCode",schemaPath:"#/$defs/fault/properties/statusCode/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema151.properties.statusCode.type,parentSchema:schema151.properties.statusCode,data:data53};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
}
if((typeof data53 == "number") && (isFinite(data53))){
if(data53 > 599 || isNaN(data53)){
const err106 = {instancePath:instancePath+"/spec/faults/" + i10+"/statusCode",schemaPath:"#/$defs/fault/properties/statusCode/maximum",keyword:"maximum",params:{comparison: "<=", limit: 599},message:"must be <= 599",schema:599,parentSchema:schema151.properties.statusCode,data:data53};
if(vErrors === null){
vErrors = [err106];
}
else {
vErrors.push(err106);
}
errors++;
}
if(data53 < 200 || isNaN(data53)){
const err107 = {instancePath:instancePath+"/spec/faults/" + i10+"/statusCode",schemaPath:"#/$defs/fault/properties/statusCode/minimum",keyword:"minimum",params:{comparison: ">=", limit: 200},message:"must be >= 200",schema:200,parentSchema:schema151.properties.statusCode,data:data53};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
}
}
if(data50.duration !== undefined){
let data54 = data50.duration;
if((typeof data54 == "number") && (isFinite(data54))){
if(data54 > 3600000 || isNaN(data54)){
const err108 = {instancePath:instancePath+"/spec/faults/" + i10+"/duration",schemaPath:"#/$defs/fault/properties/duration/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600000},message:"must be <= 3600000",schema:3600000,parentSchema:schema151.properties.duration,data:data54};
if(vErrors === null){
vErrors = [err108];
}
else {
vErrors.push(err108);
}
errors++;
}
if(data54 < 0 || isNaN(data54)){
const err109 = {instancePath:instancePath+"/spec/faults/" + i10+"/duration",schemaPath:"#/$defs/fault/properties/duration/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema151.properties.duration,data:data54};
if(vErrors === null){
vErrors = [err109];
}
else {
vErrors.push(err109);
}
errors++;
}
}
else {
const err110 = {instancePath:instancePath+"/spec/faults/" + i10+"/duration",schemaPath:"#/$defs/fault/properties/duration/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema151.properties.duration.type,parentSchema:schema151.properties.duration,data:data54};
if(vErrors === null){
vErrors = [err110];
}
else {
vErrors.push(err110);
}
errors++;
}
}
if(data50.seed !== undefined){
let data55 = data50.seed;
if(!(((typeof data55 == "number") && (!(data55 % 1) && !isNaN(data55))) && (isFinite(data55)))){
const err111 = {instancePath:instancePath+"/spec/faults/" + i10+"/seed",schemaPath:"#/$defs/fault/properties/seed/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema151.properties.seed.type,parentSchema:schema151.properties.seed,data:data55};
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
else {
const err112 = {instancePath:instancePath+"/spec/faults/" + i10,schemaPath:"#/$defs/fault/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema151.type,parentSchema:schema151,data:data50};
if(vErrors === null){
vErrors = [err112];
}
else {
vErrors.push(err112);
}
errors++;
}
}
}
var _valid2 = _errs104 === errors;
valid30 = _valid2;
ifClause0 = "then";
}
else {
const _errs118 = errors;
if(data49 && typeof data49 == "object" && !Array.isArray(data49)){
if(data49.kind === undefined){
const err113 = {instancePath:instancePath+"/spec/faults",schemaPath:"#/$defs/fault/required",keyword:"required",params:{missingProperty: "kind"},message:"must have required property '"+"kind"+"'",schema:schema151.required,parentSchema:schema151,data:data49};
if(vErrors === null){
vErrors = [err113];
}
else {
vErrors.push(err113);
}
errors++;
}
for(const key8 in data49){
if(!(((((key8 === "kind") || (key8 === "rate")) || (key8 === "statusCode")) || (key8 === "duration")) || (key8 === "seed"))){
const err114 = {instancePath:instancePath+"/spec/faults",schemaPath:"#/$defs/fault/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties",schema:false,parentSchema:schema151,data:data49};
if(vErrors === null){
vErrors = [err114];
}
else {
vErrors.push(err114);
}
errors++;
}
}
if(data49.kind !== undefined){
let data56 = data49.kind;
if(!(((((data56 === "status") || (data56 === "reset")) || (data56 === "empty")) || (data56 === "malformed")) || (data56 === "slow"))){
const err115 = {instancePath:instancePath+"/spec/faults/kind",schemaPath:"#/$defs/fault/properties/kind/enum",keyword:"enum",params:{allowedValues: schema151.properties.kind.enum},message:"must be equal to one of the allowed values",schema:schema151.properties.kind.enum,parentSchema:schema151.properties.kind,data:data56};
if(vErrors === null){
vErrors = [err115];
}
else {
vErrors.push(err115);
}
errors++;
}
}
if(data49.rate !== undefined){
let data57 = data49.rate;
if((typeof data57 == "number") && (isFinite(data57))){
if(data57 > 1 || isNaN(data57)){
const err116 = {instancePath:instancePath+"/spec/faults/rate",schemaPath:"#/$defs/fault/properties/rate/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1},message:"must be <= 1",schema:1,parentSchema:schema151.properties.rate,data:data57};
if(vErrors === null){
vErrors = [err116];
}
else {
vErrors.push(err116);
}
errors++;
}
if(data57 < 0 || isNaN(data57)){
const err117 = {instancePath:instancePath+"/spec/faults/rate",schemaPath:"#/$defs/fault/properties/rate/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema151.properties.rate,data:data57};
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
const err118 = {instancePath:instancePath+"/spec/faults/rate",schemaPath:"#/$defs/fault/properties/rate/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema151.properties.rate.type,parentSchema:schema151.properties.rate,data:data57};
if(vErrors === null){
vErrors = [err118];
}
else {
vErrors.push(err118);
}
errors++;
}
}
if(data49.statusCode !== undefined){
let data58 = data49.statusCode;
if(!(((typeof data58 == "number") && (!(data58 % 1) && !isNaN(data58))) && (isFinite(data58)))){
const err119 = {instancePath:instancePath+"/spec/faults/statusCode",schemaPath:"#/$defs/fault/properties/statusCode/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema151.properties.statusCode.type,parentSchema:schema151.properties.statusCode,data:data58};
if(vErrors === null){
vErrors = [err119];
}
else {
vErrors.push(err119);
}
errors++;
}
if((typeof data58 == "number") && (isFinite(data58))){
if(data58 > 599 || isNaN(data58)){
const err120 = {instancePath:instancePath+"/spec/faults/statusCode",schemaPath:"#/$defs/fault/properties/statusCode/maximum",keyword:"maximum",params:{comparison: "<=", limit: 599},message:"must be <= 599",schema:599,parentSchema:schema151.properties.statusCode,data:data58};
if(vErrors === null){
vErrors = [err120];
}
else {
vErrors.push(err120);
}
errors++;
}
if(data58 < 200 || isNaN(data58)){
const err121 = {instancePath:instancePath+"/spec/faults/statusCode",schemaPath:"#/$defs/fault/properties/statusCode/minimum",keyword:"minimum",params:{comparison: ">=", limit: 200},message:"must be >= 200",schema:200,parentSchema:schema151.properties.statusCode,data:data58};
if(vErrors === null){
vErrors = [err121];
}
else {
vErrors.push(err121);
}
errors++;
}
}
}
if(data49.duration !== undefined){
let data59 = data49.duration;
if((typeof data59 == "number") && (isFinite(data59))){
if(data59 > 3600000 || isNaN(data59)){
const err122 = {instancePath:instancePath+"/spec/faults/duration",schemaPath:"#/$defs/fault/properties/duration/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600000},message:"must be <= 3600000",schema:3600000,parentSchema:schema151.properties.duration,data:data59};
if(vErrors === null){
vErrors = [err122];
}
else {
vErrors.push(err122);
}
errors++;
}
if(data59 < 0 || isNaN(data59)){
const err123 = {instancePath:instancePath+"/spec/faults/duration",schemaPath:"#/$defs/fault/properties/duration/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema151.properties.duration,data:data59};
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
const err124 = {instancePath:instancePath+"/spec/faults/duration",schemaPath:"#/$defs/fault/properties/duration/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema151.properties.duration.type,parentSchema:schema151.properties.duration,data:data59};
if(vErrors === null){
vErrors = [err124];
}
else {
vErrors.push(err124);
}
errors++;
}
}
if(data49.seed !== undefined){
let data60 = data49.seed;
if(!(((typeof data60 == "number") && (!(data60 % 1) && !isNaN(data60))) && (isFinite(data60)))){
const err125 = {instancePath:instancePath+"/spec/faults/seed",schemaPath:"#/$defs/fault/properties/seed/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema151.properties.seed.type,parentSchema:schema151.properties.seed,data:data60};
if(vErrors === null){
vErrors = [err125];
}
else {
vErrors.push(err125);
}
errors++;
}
}
}
else {
const err126 = {instancePath:instancePath+"/spec/faults",schemaPath:"#/$defs/fault/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema151.type,parentSchema:schema151,data:data49};
if(vErrors === null){
vErrors = [err126];
}
else {
vErrors.push(err126);
}
errors++;
}
var _valid2 = _errs118 === errors;
valid30 = _valid2;
ifClause0 = "else";
}
if(!valid30){
const err127 = {instancePath:instancePath+"/spec/faults",schemaPath:"#/properties/spec/properties/faults/if",keyword:"if",params:{failingKeyword: ifClause0},message:"must match \""+ifClause0+"\" schema",schema:schema128.properties.spec.properties.faults.if,parentSchema:schema128.properties.spec.properties.faults,data:data49};
if(vErrors === null){
vErrors = [err127];
}
else {
vErrors.push(err127);
}
errors++;
}
}
}
else {
const err128 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema128.properties.spec.type,parentSchema:schema128.properties.spec,data:data3};
if(vErrors === null){
vErrors = [err128];
}
else {
vErrors.push(err128);
}
errors++;
}
}
}
else {
const err129 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema128.type,parentSchema:schema128,data};
if(vErrors === null){
vErrors = [err129];
}
else {
vErrors.push(err129);
}
errors++;
}
validate37.errors = vErrors;
return errors === 0;
}
validate37.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const validateNamespaceWebhook = validate60;
const schema153 = {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"namespace-webhook.schema.json","title":"NamespaceWebhook","description":"Something sent out when what is declared in a namespace changes. Each change fires once, also over a restart.","type":"object","additionalProperties":false,"required":["apiVersion","kind","metadata","spec"],"properties":{"apiVersion":{"$ref":"common.schema.json#/$defs/apiVersion"},"kind":{"description":"The kind of resource.","const":"NamespaceWebhook"},"metadata":{"$ref":"common.schema.json#/$defs/metadata","description":"What the webhook is called and which namespace it hears of. `name` and `namespace` are required.","required":["namespace"]},"spec":{"title":"NamespaceWebhookSpec","description":"What is heard of, and what is sent where.","type":"object","additionalProperties":false,"required":["operation"],"properties":{"operation":{"title":"Operations","description":"What it hears of: one of these, or a list. `mock.restore`: a mock that was deleted returns within 90 days; then there is no `mock.create`. A renamed or moved mock is a `mock.update`. `user.add_to_namespace`: a User names the namespace.","type":["string","array"],"if":{"type":"array"},"then":{"minItems":1,"maxItems":64,"uniqueItems":true,"items":{"$ref":"#/$defs/operation"}},"else":{"$ref":"#/$defs/operation"}},"enabled":{"description":"false: nothing is sent. Default: true.","type":"boolean","default":true},"type":{"$ref":"common.schema.json#/$defs/callback/properties/type"},"delay":{"$ref":"common.schema.json#/$defs/callback/properties/delay","description":"Seconds between the change and the first attempt. Kept over a restart. Default: 0."},"timeout":{"$ref":"common.schema.json#/$defs/callback/properties/timeout"},"retryCount":{"$ref":"common.schema.json#/$defs/callback/properties/retryCount"},"retryDelay":{"$ref":"common.schema.json#/$defs/callback/properties/retryDelay"},"retryPolicy":{"$ref":"common.schema.json#/$defs/callback/properties/retryPolicy"},"headers":{"$ref":"common.schema.json#/$defs/callback/properties/headers","description":"Headers of the request or message, expressions over the change allowed. For Kafka, Content-Type is left out."},"body":{"$ref":"common.schema.json#/$defs/callback/properties/body","description":"Any JSON or text, with expressions over the change: `$.change.operation` (`mock.update`), `.kind`, `.namespace` (the one concerned), `.name`, `.from` (before a rename or move), `.before` and `.after` (digests of what was and is declared), `.file`, `.line`, `.revision`, `.generation`, `.commit`, `.author`, `.time`, `.user` (`{name, email, displayName, role}`) and `.details`; null where there is nothing to say. Also `$.namespace`, `$.now`, `$.env` and `$.fake`. Default: all of `$.change` as JSON, but for GET."},"sign":{"$ref":"common.schema.json#/$defs/callback/properties/sign"},"breaker":{"$ref":"common.schema.json#/$defs/callback/properties/breaker"},"url":{"$ref":"common.schema.json#/$defs/callback/properties/url","description":"http: where to send it, expressions over the change allowed; or a secret when the URL itself is the credential."},"method":{"$ref":"common.schema.json#/$defs/callback/properties/method"},"kafkaBrokers":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaBrokers"},"kafkaTopic":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaTopic"},"kafkaKey":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaKey"},"kafkaUseSASL":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaUseSASL"},"kafkaSaslMechanism":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaSaslMechanism"},"kafkaUsername":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaUsername"},"kafkaPassword":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaPassword"},"kafkaUseTLS":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaUseTLS"},"kafkaCa":{"$ref":"common.schema.json#/$defs/callback/properties/kafkaCa"},"rabbitURL":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitURL"},"rabbitExchange":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitExchange"},"rabbitRoutingKey":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitRoutingKey"},"rabbitQueue":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitQueue"},"rabbitMandatory":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitMandatory"},"rabbitCa":{"$ref":"common.schema.json#/$defs/callback/properties/rabbitCa"}},"allOf":[{"$ref":"common.schema.json#/$defs/callback/allOf/0"},{"$ref":"common.schema.json#/$defs/callback/allOf/1"},{"$ref":"common.schema.json#/$defs/callback/allOf/2"},{"$ref":"common.schema.json#/$defs/callback/allOf/3"}]}},"$defs":{"operation":{"title":"NamespaceWebhookOperation","description":"One of the operations that a NamespaceWebhook hears of.","type":"string","enum":["mock.create","mock.update","mock.delete","mock.restore","user.add_to_namespace"],"x-hints":{"namespace.create":"it is one for an AdminWebhook; write kind: AdminWebhook","namespace.delete":"it is one for an AdminWebhook; write kind: AdminWebhook","namespace.update":"it is one for an AdminWebhook; write kind: AdminWebhook","namespace.user.add":"it is one for an AdminWebhook; write kind: AdminWebhook","user.create":"it is one for an AdminWebhook; write kind: AdminWebhook","user.delete":"it is one for an AdminWebhook; write kind: AdminWebhook","user.update":"it is one for an AdminWebhook; write kind: AdminWebhook","user.password.set":"it is one for an AdminWebhook; write kind: AdminWebhook","job.run":"it is one for an AdminWebhook; write kind: AdminWebhook","backup.create":"it is one for an AdminWebhook; write kind: AdminWebhook","backup.restore":"it is one for an AdminWebhook; write kind: AdminWebhook","license.create":"it is one for an AdminWebhook; write kind: AdminWebhook","license.update":"it is one for an AdminWebhook; write kind: AdminWebhook","license.delete":"it is one for an AdminWebhook; write kind: AdminWebhook"}}}};
const schema164 = {"title":"NamespaceWebhookOperation","description":"One of the operations that a NamespaceWebhook hears of.","type":"string","enum":["mock.create","mock.update","mock.delete","mock.restore","user.add_to_namespace"],"x-hints":{"namespace.create":"it is one for an AdminWebhook; write kind: AdminWebhook","namespace.delete":"it is one for an AdminWebhook; write kind: AdminWebhook","namespace.update":"it is one for an AdminWebhook; write kind: AdminWebhook","namespace.user.add":"it is one for an AdminWebhook; write kind: AdminWebhook","user.create":"it is one for an AdminWebhook; write kind: AdminWebhook","user.delete":"it is one for an AdminWebhook; write kind: AdminWebhook","user.update":"it is one for an AdminWebhook; write kind: AdminWebhook","user.password.set":"it is one for an AdminWebhook; write kind: AdminWebhook","job.run":"it is one for an AdminWebhook; write kind: AdminWebhook","backup.create":"it is one for an AdminWebhook; write kind: AdminWebhook","backup.restore":"it is one for an AdminWebhook; write kind: AdminWebhook","license.create":"it is one for an AdminWebhook; write kind: AdminWebhook","license.update":"it is one for an AdminWebhook; write kind: AdminWebhook","license.delete":"it is one for an AdminWebhook; write kind: AdminWebhook"}};

function validate61(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate61.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((((key0 === "name") || (key0 === "namespace")) || (key0 === "labels")) || (key0 === "annotations"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema78,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.name !== undefined){
let data0 = data.name;
if(typeof data0 === "string"){
if(func1(data0) > 253){
const err1 = {instancePath:instancePath+"/name",schemaPath:"#/$defs/resourceName/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema34,data:data0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(func1(data0) < 1){
const err2 = {instancePath:instancePath+"/name",schemaPath:"#/$defs/resourceName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema34,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(!pattern4.test(data0)){
const err3 = {instancePath:instancePath+"/name",schemaPath:"#/$defs/resourceName/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"},message:"must match pattern \""+"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"+"\"",schema:"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",parentSchema:schema34,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
else {
const err4 = {instancePath:instancePath+"/name",schemaPath:"#/$defs/resourceName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.type,parentSchema:schema34,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.namespace !== undefined){
let data1 = data.namespace;
if(typeof data1 === "string"){
if(func1(data1) > 63){
const err5 = {instancePath:instancePath+"/namespace",schemaPath:"#/$defs/namespaceName/maxLength",keyword:"maxLength",params:{limit: 63},message:"must NOT have more than 63 characters",schema:63,parentSchema:schema80,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(func1(data1) < 1){
const err6 = {instancePath:instancePath+"/namespace",schemaPath:"#/$defs/namespaceName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema80,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(!pattern8.test(data1)){
const err7 = {instancePath:instancePath+"/namespace",schemaPath:"#/$defs/namespaceName/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"},message:"must match pattern \""+"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"+"\"",schema:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",parentSchema:schema80,data:data1};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/namespace",schemaPath:"#/$defs/namespaceName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema80.type,parentSchema:schema80,data:data1};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.labels !== undefined){
let data2 = data.labels;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
if(Object.keys(data2).length > 64){
const err9 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/maxProperties",keyword:"maxProperties",params:{limit: 64},message:"must NOT have more than 64 properties",schema:64,parentSchema:schema35,data:data2};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
for(const key1 in data2){
const _errs11 = errors;
if(typeof key1 === "string"){
if(func1(key1) > 253){
const err10 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/propertyNames/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema35.propertyNames,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if(func1(key1) < 1){
const err11 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/propertyNames/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema35.propertyNames,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
var valid4 = _errs11 === errors;
if(!valid4){
const err12 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/propertyNames",keyword:"propertyNames",params:{propertyName: key1},message:"property name must be valid",schema:schema35.propertyNames,parentSchema:schema35,data:data2};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
for(const key2 in data2){
let data3 = data2[key2];
if(typeof data3 === "string"){
if(func1(data3) > 1024){
const err13 = {instancePath:instancePath+"/labels/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/labels/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters",schema:1024,parentSchema:schema35.additionalProperties,data:data3};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
else {
const err14 = {instancePath:instancePath+"/labels/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/labels/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema35.additionalProperties.type,parentSchema:schema35.additionalProperties,data:data3};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
else {
const err15 = {instancePath:instancePath+"/labels",schemaPath:"#/$defs/labels/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema35.type,parentSchema:schema35,data:data2};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.annotations !== undefined){
let data4 = data.annotations;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(Object.keys(data4).length > 64){
const err16 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/maxProperties",keyword:"maxProperties",params:{limit: 64},message:"must NOT have more than 64 properties",schema:64,parentSchema:schema36,data:data4};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
for(const key3 in data4){
const _errs18 = errors;
if(typeof key3 === "string"){
if(func1(key3) > 253){
const err17 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/propertyNames/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema36.propertyNames,data:key3,propertyName:key3};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if(func1(key3) < 1){
const err18 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/propertyNames/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.propertyNames,data:key3,propertyName:key3};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
var valid7 = _errs18 === errors;
if(!valid7){
const err19 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/propertyNames",keyword:"propertyNames",params:{propertyName: key3},message:"property name must be valid",schema:schema36.propertyNames,parentSchema:schema36,data:data4};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
for(const key4 in data4){
if(!((key4 === "callboard/renamed-from") || (key4 === "callboard/faker-seed"))){
let data5 = data4[key4];
if(typeof data5 === "string"){
if(func1(data5) > 65536){
const err20 = {instancePath:instancePath+"/annotations/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/annotations/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 65536},message:"must NOT have more than 65536 characters",schema:65536,parentSchema:schema36.additionalProperties,data:data5};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
else {
const err21 = {instancePath:instancePath+"/annotations/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/$defs/annotations/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.additionalProperties.type,parentSchema:schema36.additionalProperties,data:data5};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
}
if(data4["callboard/renamed-from"] !== undefined){
let data6 = data4["callboard/renamed-from"];
if(typeof data6 === "string"){
if(func1(data6) < 1){
const err22 = {instancePath:instancePath+"/annotations/callboard~1renamed-from",schemaPath:"#/$defs/annotations/properties/callboard~1renamed-from/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.properties["callboard/renamed-from"],data:data6};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
else {
const err23 = {instancePath:instancePath+"/annotations/callboard~1renamed-from",schemaPath:"#/$defs/annotations/properties/callboard~1renamed-from/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.properties["callboard/renamed-from"].type,parentSchema:schema36.properties["callboard/renamed-from"],data:data6};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data4["callboard/faker-seed"] !== undefined){
let data7 = data4["callboard/faker-seed"];
if(typeof data7 === "string"){
if(func1(data7) < 1){
const err24 = {instancePath:instancePath+"/annotations/callboard~1faker-seed",schemaPath:"#/$defs/annotations/properties/callboard~1faker-seed/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.properties["callboard/faker-seed"],data:data7};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
else {
const err25 = {instancePath:instancePath+"/annotations/callboard~1faker-seed",schemaPath:"#/$defs/annotations/properties/callboard~1faker-seed/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.properties["callboard/faker-seed"].type,parentSchema:schema36.properties["callboard/faker-seed"],data:data7};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
}
else {
const err26 = {instancePath:instancePath+"/annotations",schemaPath:"#/$defs/annotations/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema36.type,parentSchema:schema36,data:data4};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
}
else {
const err27 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema78.type,parentSchema:schema78,data};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
validate61.errors = vErrors;
return errors === 0;
}
validate61.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate63(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate63.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(Object.keys(data).length > 256){
const err0 = {instancePath,schemaPath:"#/maxProperties",keyword:"maxProperties",params:{limit: 256},message:"must NOT have more than 256 properties",schema:256,parentSchema:schema49,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
const _errs1 = errors;
if(typeof key0 === "string"){
if(!pattern5.test(key0)){
const err1 = {instancePath,schemaPath:"#/propertyNames/pattern",keyword:"pattern",params:{pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},message:"must match pattern \""+"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"+"\"",schema:"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",parentSchema:schema49.propertyNames,data:key0,propertyName:key0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
var valid0 = _errs1 === errors;
if(!valid0){
const err2 = {instancePath,schemaPath:"#/propertyNames",keyword:"propertyNames",params:{propertyName: key0},message:"property name must be valid",schema:schema49.propertyNames,parentSchema:schema49,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
for(const key1 in data){
if(!((((key1 === "Authorization") || (key1 === "Cookie")) || (key1 === "Proxy-Authorization")) || (key1 === "X-Api-Key"))){
let data0 = data[key1];
if((((typeof data0 !== "string") && (!((typeof data0 == "number") && (isFinite(data0))))) && (typeof data0 !== "boolean")) && (!(data0 && typeof data0 == "object" && !Array.isArray(data0)))){
const err3 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/type",keyword:"type",params:{type: schema49.additionalProperties.type},message:"must be string,number,boolean,object",schema:schema49.additionalProperties.type,parentSchema:schema49.additionalProperties,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
const _errs5 = errors;
let valid2 = true;
const _errs6 = errors;
if(!(data0 && typeof data0 == "object" && !Array.isArray(data0))){
const err4 = {};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
var _valid0 = _errs6 === errors;
errors = _errs5;
if(vErrors !== null){
if(_errs5){
vErrors.length = _errs5;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs8 = errors;
const _errs9 = errors;
let valid3 = false;
let passing0 = null;
const _errs10 = errors;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.env === undefined){
const err5 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema49.additionalProperties.then.oneOf[0].required,parentSchema:schema49.additionalProperties.then.oneOf[0],data:data0};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
var _valid1 = _errs10 === errors;
if(_valid1){
valid3 = true;
passing0 = 0;
}
const _errs11 = errors;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.file === undefined){
const err6 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema49.additionalProperties.then.oneOf[1].required,parentSchema:schema49.additionalProperties.then.oneOf[1],data:data0};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
var _valid1 = _errs11 === errors;
if(_valid1 && valid3){
valid3 = false;
passing0 = [passing0, 1];
}
else {
if(_valid1){
valid3 = true;
passing0 = 1;
}
}
if(!valid3){
const err7 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf",schema:schema49.additionalProperties.then.oneOf,parentSchema:schema49.additionalProperties.then,data:data0};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
else {
errors = _errs9;
if(vErrors !== null){
if(_errs9){
vErrors.length = _errs9;
}
else {
vErrors = null;
}
}
}
var _valid0 = _errs8 === errors;
valid2 = _valid0;
}
if(!valid2){
const err8 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema49.additionalProperties.if,parentSchema:schema49.additionalProperties,data:data0};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
for(const key2 in data0){
if(!(((key2 === "env") || (key2 === "file")) || (key2 === "prefix"))){
const err9 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema49.additionalProperties,data:data0};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data0.env !== undefined){
let data1 = data0.env;
if(typeof data1 === "string"){
if(func1(data1) < 1){
const err10 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/env",schemaPath:"#/additionalProperties/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema49.additionalProperties.properties.env,data:data1};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
else {
const err11 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/env",schemaPath:"#/additionalProperties/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema49.additionalProperties.properties.env.type,parentSchema:schema49.additionalProperties.properties.env,data:data1};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data0.file !== undefined){
let data2 = data0.file;
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err12 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/file",schemaPath:"#/additionalProperties/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema49.additionalProperties.properties.file,data:data2};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
else {
const err13 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/file",schemaPath:"#/additionalProperties/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema49.additionalProperties.properties.file.type,parentSchema:schema49.additionalProperties.properties.file,data:data2};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data0.prefix !== undefined){
let data3 = data0.prefix;
if(typeof data3 !== "string"){
const err14 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/prefix",schemaPath:"#/additionalProperties/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema49.additionalProperties.properties.prefix.type,parentSchema:schema49.additionalProperties.properties.prefix,data:data3};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
}
}
if(data.Authorization !== undefined){
let data4 = data.Authorization;
if((typeof data4 !== "string") && (!(data4 && typeof data4 == "object" && !Array.isArray(data4)))){
const err15 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data4};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
const _errs22 = errors;
let valid7 = true;
const _errs23 = errors;
if(!(data4 && typeof data4 == "object" && !Array.isArray(data4))){
const err16 = {};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
var _valid2 = _errs23 === errors;
errors = _errs22;
if(vErrors !== null){
if(_errs22){
vErrors.length = _errs22;
}
else {
vErrors = null;
}
}
if(_valid2){
const _errs25 = errors;
const _errs26 = errors;
let valid8 = false;
let passing1 = null;
const _errs27 = errors;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.env === undefined){
const err17 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data4};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
var _valid3 = _errs27 === errors;
if(_valid3){
valid8 = true;
passing1 = 0;
}
const _errs28 = errors;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.file === undefined){
const err18 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data4};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
var _valid3 = _errs28 === errors;
if(_valid3 && valid8){
valid8 = false;
passing1 = [passing1, 1];
}
else {
if(_valid3){
valid8 = true;
passing1 = 1;
}
}
if(!valid8){
const err19 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing1},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data4};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
else {
errors = _errs26;
if(vErrors !== null){
if(_errs26){
vErrors.length = _errs26;
}
else {
vErrors = null;
}
}
}
var _valid2 = _errs25 === errors;
valid7 = _valid2;
}
if(!valid7){
const err20 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data4};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key3 in data4){
if(!(((key3 === "env") || (key3 === "file")) || (key3 === "prefix"))){
const err21 = {instancePath:instancePath+"/Authorization",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data4};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data4.env !== undefined){
let data5 = data4.env;
if(typeof data5 === "string"){
if(func1(data5) < 1){
const err22 = {instancePath:instancePath+"/Authorization/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data5};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
else {
const err23 = {instancePath:instancePath+"/Authorization/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data5};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data4.file !== undefined){
let data6 = data4.file;
if(typeof data6 === "string"){
if(func1(data6) < 1){
const err24 = {instancePath:instancePath+"/Authorization/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data6};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
else {
const err25 = {instancePath:instancePath+"/Authorization/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data6};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data4.prefix !== undefined){
let data7 = data4.prefix;
if(typeof data7 !== "string"){
const err26 = {instancePath:instancePath+"/Authorization/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data7};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
}
}
if(data.Cookie !== undefined){
let data8 = data.Cookie;
if((typeof data8 !== "string") && (!(data8 && typeof data8 == "object" && !Array.isArray(data8)))){
const err27 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data8};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
const _errs39 = errors;
let valid11 = true;
const _errs40 = errors;
if(!(data8 && typeof data8 == "object" && !Array.isArray(data8))){
const err28 = {};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
var _valid4 = _errs40 === errors;
errors = _errs39;
if(vErrors !== null){
if(_errs39){
vErrors.length = _errs39;
}
else {
vErrors = null;
}
}
if(_valid4){
const _errs42 = errors;
const _errs43 = errors;
let valid12 = false;
let passing2 = null;
const _errs44 = errors;
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
if(data8.env === undefined){
const err29 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data8};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
var _valid5 = _errs44 === errors;
if(_valid5){
valid12 = true;
passing2 = 0;
}
const _errs45 = errors;
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
if(data8.file === undefined){
const err30 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data8};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
var _valid5 = _errs45 === errors;
if(_valid5 && valid12){
valid12 = false;
passing2 = [passing2, 1];
}
else {
if(_valid5){
valid12 = true;
passing2 = 1;
}
}
if(!valid12){
const err31 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing2},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data8};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
else {
errors = _errs43;
if(vErrors !== null){
if(_errs43){
vErrors.length = _errs43;
}
else {
vErrors = null;
}
}
}
var _valid4 = _errs42 === errors;
valid11 = _valid4;
}
if(!valid11){
const err32 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data8};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
for(const key4 in data8){
if(!(((key4 === "env") || (key4 === "file")) || (key4 === "prefix"))){
const err33 = {instancePath:instancePath+"/Cookie",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data8};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data8.env !== undefined){
let data9 = data8.env;
if(typeof data9 === "string"){
if(func1(data9) < 1){
const err34 = {instancePath:instancePath+"/Cookie/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data9};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
else {
const err35 = {instancePath:instancePath+"/Cookie/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data9};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data8.file !== undefined){
let data10 = data8.file;
if(typeof data10 === "string"){
if(func1(data10) < 1){
const err36 = {instancePath:instancePath+"/Cookie/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data10};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
else {
const err37 = {instancePath:instancePath+"/Cookie/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data10};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data8.prefix !== undefined){
let data11 = data8.prefix;
if(typeof data11 !== "string"){
const err38 = {instancePath:instancePath+"/Cookie/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data11};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
}
}
if(data["Proxy-Authorization"] !== undefined){
let data12 = data["Proxy-Authorization"];
if((typeof data12 !== "string") && (!(data12 && typeof data12 == "object" && !Array.isArray(data12)))){
const err39 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data12};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
const _errs56 = errors;
let valid15 = true;
const _errs57 = errors;
if(!(data12 && typeof data12 == "object" && !Array.isArray(data12))){
const err40 = {};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
var _valid6 = _errs57 === errors;
errors = _errs56;
if(vErrors !== null){
if(_errs56){
vErrors.length = _errs56;
}
else {
vErrors = null;
}
}
if(_valid6){
const _errs59 = errors;
const _errs60 = errors;
let valid16 = false;
let passing3 = null;
const _errs61 = errors;
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
if(data12.env === undefined){
const err41 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data12};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
var _valid7 = _errs61 === errors;
if(_valid7){
valid16 = true;
passing3 = 0;
}
const _errs62 = errors;
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
if(data12.file === undefined){
const err42 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data12};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
var _valid7 = _errs62 === errors;
if(_valid7 && valid16){
valid16 = false;
passing3 = [passing3, 1];
}
else {
if(_valid7){
valid16 = true;
passing3 = 1;
}
}
if(!valid16){
const err43 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing3},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data12};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
else {
errors = _errs60;
if(vErrors !== null){
if(_errs60){
vErrors.length = _errs60;
}
else {
vErrors = null;
}
}
}
var _valid6 = _errs59 === errors;
valid15 = _valid6;
}
if(!valid15){
const err44 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data12};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
for(const key5 in data12){
if(!(((key5 === "env") || (key5 === "file")) || (key5 === "prefix"))){
const err45 = {instancePath:instancePath+"/Proxy-Authorization",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data12};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
if(data12.env !== undefined){
let data13 = data12.env;
if(typeof data13 === "string"){
if(func1(data13) < 1){
const err46 = {instancePath:instancePath+"/Proxy-Authorization/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data13};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
else {
const err47 = {instancePath:instancePath+"/Proxy-Authorization/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data13};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data12.file !== undefined){
let data14 = data12.file;
if(typeof data14 === "string"){
if(func1(data14) < 1){
const err48 = {instancePath:instancePath+"/Proxy-Authorization/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data14};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
else {
const err49 = {instancePath:instancePath+"/Proxy-Authorization/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data14};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
if(data12.prefix !== undefined){
let data15 = data12.prefix;
if(typeof data15 !== "string"){
const err50 = {instancePath:instancePath+"/Proxy-Authorization/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data15};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
}
}
if(data["X-Api-Key"] !== undefined){
let data16 = data["X-Api-Key"];
if((typeof data16 !== "string") && (!(data16 && typeof data16 == "object" && !Array.isArray(data16)))){
const err51 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data16};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
const _errs73 = errors;
let valid19 = true;
const _errs74 = errors;
if(!(data16 && typeof data16 == "object" && !Array.isArray(data16))){
const err52 = {};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
var _valid8 = _errs74 === errors;
errors = _errs73;
if(vErrors !== null){
if(_errs73){
vErrors.length = _errs73;
}
else {
vErrors = null;
}
}
if(_valid8){
const _errs76 = errors;
const _errs77 = errors;
let valid20 = false;
let passing4 = null;
const _errs78 = errors;
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
if(data16.env === undefined){
const err53 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data16};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
var _valid9 = _errs78 === errors;
if(_valid9){
valid20 = true;
passing4 = 0;
}
const _errs79 = errors;
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
if(data16.file === undefined){
const err54 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data16};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
var _valid9 = _errs79 === errors;
if(_valid9 && valid20){
valid20 = false;
passing4 = [passing4, 1];
}
else {
if(_valid9){
valid20 = true;
passing4 = 1;
}
}
if(!valid20){
const err55 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing4},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data16};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
else {
errors = _errs77;
if(vErrors !== null){
if(_errs77){
vErrors.length = _errs77;
}
else {
vErrors = null;
}
}
}
var _valid8 = _errs76 === errors;
valid19 = _valid8;
}
if(!valid19){
const err56 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data16};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
for(const key6 in data16){
if(!(((key6 === "env") || (key6 === "file")) || (key6 === "prefix"))){
const err57 = {instancePath:instancePath+"/X-Api-Key",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data16};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
if(data16.env !== undefined){
let data17 = data16.env;
if(typeof data17 === "string"){
if(func1(data17) < 1){
const err58 = {instancePath:instancePath+"/X-Api-Key/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data17};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
else {
const err59 = {instancePath:instancePath+"/X-Api-Key/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data17};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data16.file !== undefined){
let data18 = data16.file;
if(typeof data18 === "string"){
if(func1(data18) < 1){
const err60 = {instancePath:instancePath+"/X-Api-Key/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data18};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
else {
const err61 = {instancePath:instancePath+"/X-Api-Key/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data18};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data16.prefix !== undefined){
let data19 = data16.prefix;
if(typeof data19 !== "string"){
const err62 = {instancePath:instancePath+"/X-Api-Key/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data19};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
}
}
}
else {
const err63 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema49.type,parentSchema:schema49,data};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
validate63.errors = vErrors;
return errors === 0;
}
validate63.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate65(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate65.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.scheme === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "scheme"},message:"must have required property '"+"scheme"+"'",schema:schema55.required,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.secret === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "secret"},message:"must have required property '"+"secret"+"'",schema:schema55.required,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 in data){
if(!(((((((key0 === "scheme") || (key0 === "secret")) || (key0 === "previousSecret")) || (key0 === "header")) || (key0 === "prefix")) || (key0 === "algorithm")) || (key0 === "encoding"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.scheme !== undefined){
let data0 = data.scheme;
if(!(((((data0 === "stripe") || (data0 === "github")) || (data0 === "slack")) || (data0 === "standard-webhooks")) || (data0 === "hmac"))){
const err3 = {instancePath:instancePath+"/scheme",schemaPath:"#/properties/scheme/enum",keyword:"enum",params:{allowedValues: schema55.properties.scheme.enum},message:"must be equal to one of the allowed values",schema:schema55.properties.scheme.enum,parentSchema:schema55.properties.scheme,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.secret !== undefined){
let data1 = data.secret;
if((typeof data1 !== "string") && (!(data1 && typeof data1 == "object" && !Array.isArray(data1)))){
const err4 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
const _errs6 = errors;
let valid2 = true;
const _errs7 = errors;
if(!(data1 && typeof data1 == "object" && !Array.isArray(data1))){
const err5 = {};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
var _valid0 = _errs7 === errors;
errors = _errs6;
if(vErrors !== null){
if(_errs6){
vErrors.length = _errs6;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs9 = errors;
const _errs10 = errors;
let valid3 = false;
let passing0 = null;
const _errs11 = errors;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(data1.env === undefined){
const err6 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
var _valid1 = _errs11 === errors;
if(_valid1){
valid3 = true;
passing0 = 0;
}
const _errs12 = errors;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(data1.file === undefined){
const err7 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data1};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
var _valid1 = _errs12 === errors;
if(_valid1 && valid3){
valid3 = false;
passing0 = [passing0, 1];
}
else {
if(_valid1){
valid3 = true;
passing0 = 1;
}
}
if(!valid3){
const err8 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data1};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
else {
errors = _errs10;
if(vErrors !== null){
if(_errs10){
vErrors.length = _errs10;
}
else {
vErrors = null;
}
}
}
var _valid0 = _errs9 === errors;
valid2 = _valid0;
}
if(!valid2){
const err9 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data1};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
for(const key1 in data1){
if(!(((key1 === "env") || (key1 === "file")) || (key1 === "prefix"))){
const err10 = {instancePath:instancePath+"/secret",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data1};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data1.env !== undefined){
let data2 = data1.env;
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err11 = {instancePath:instancePath+"/secret/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data2};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
else {
const err12 = {instancePath:instancePath+"/secret/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data2};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data1.file !== undefined){
let data3 = data1.file;
if(typeof data3 === "string"){
if(func1(data3) < 1){
const err13 = {instancePath:instancePath+"/secret/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data3};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
else {
const err14 = {instancePath:instancePath+"/secret/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data3};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data1.prefix !== undefined){
let data4 = data1.prefix;
if(typeof data4 !== "string"){
const err15 = {instancePath:instancePath+"/secret/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data4};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
}
}
if(data.previousSecret !== undefined){
let data5 = data.previousSecret;
if((typeof data5 !== "string") && (!(data5 && typeof data5 == "object" && !Array.isArray(data5)))){
const err16 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data5};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
const _errs23 = errors;
let valid6 = true;
const _errs24 = errors;
if(!(data5 && typeof data5 == "object" && !Array.isArray(data5))){
const err17 = {};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
var _valid2 = _errs24 === errors;
errors = _errs23;
if(vErrors !== null){
if(_errs23){
vErrors.length = _errs23;
}
else {
vErrors = null;
}
}
if(_valid2){
const _errs26 = errors;
const _errs27 = errors;
let valid7 = false;
let passing1 = null;
const _errs28 = errors;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
if(data5.env === undefined){
const err18 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data5};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
var _valid3 = _errs28 === errors;
if(_valid3){
valid7 = true;
passing1 = 0;
}
const _errs29 = errors;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
if(data5.file === undefined){
const err19 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data5};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
var _valid3 = _errs29 === errors;
if(_valid3 && valid7){
valid7 = false;
passing1 = [passing1, 1];
}
else {
if(_valid3){
valid7 = true;
passing1 = 1;
}
}
if(!valid7){
const err20 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing1},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data5};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
else {
errors = _errs27;
if(vErrors !== null){
if(_errs27){
vErrors.length = _errs27;
}
else {
vErrors = null;
}
}
}
var _valid2 = _errs26 === errors;
valid6 = _valid2;
}
if(!valid6){
const err21 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data5};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key2 in data5){
if(!(((key2 === "env") || (key2 === "file")) || (key2 === "prefix"))){
const err22 = {instancePath:instancePath+"/previousSecret",schemaPath:"#/$defs/secret/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data5};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data5.env !== undefined){
let data6 = data5.env;
if(typeof data6 === "string"){
if(func1(data6) < 1){
const err23 = {instancePath:instancePath+"/previousSecret/env",schemaPath:"#/$defs/secret/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data6};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
else {
const err24 = {instancePath:instancePath+"/previousSecret/env",schemaPath:"#/$defs/secret/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data6};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
if(data5.file !== undefined){
let data7 = data5.file;
if(typeof data7 === "string"){
if(func1(data7) < 1){
const err25 = {instancePath:instancePath+"/previousSecret/file",schemaPath:"#/$defs/secret/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data7};
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
const err26 = {instancePath:instancePath+"/previousSecret/file",schemaPath:"#/$defs/secret/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data7};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data5.prefix !== undefined){
let data8 = data5.prefix;
if(typeof data8 !== "string"){
const err27 = {instancePath:instancePath+"/previousSecret/prefix",schemaPath:"#/$defs/secret/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data8};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
}
}
if(data.header !== undefined){
let data9 = data.header;
if(typeof data9 === "string"){
if(!pattern5.test(data9)){
const err28 = {instancePath:instancePath+"/header",schemaPath:"#/properties/header/pattern",keyword:"pattern",params:{pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},message:"must match pattern \""+"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"+"\"",schema:"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",parentSchema:schema55.properties.header,data:data9};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
else {
const err29 = {instancePath:instancePath+"/header",schemaPath:"#/properties/header/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema55.properties.header.type,parentSchema:schema55.properties.header,data:data9};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data.prefix !== undefined){
let data10 = data.prefix;
if(typeof data10 !== "string"){
const err30 = {instancePath:instancePath+"/prefix",schemaPath:"#/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema55.properties.prefix.type,parentSchema:schema55.properties.prefix,data:data10};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data.algorithm !== undefined){
let data11 = data.algorithm;
if(!(((data11 === "sha1") || (data11 === "sha256")) || (data11 === "sha512"))){
const err31 = {instancePath:instancePath+"/algorithm",schemaPath:"#/properties/algorithm/enum",keyword:"enum",params:{allowedValues: schema55.properties.algorithm.enum},message:"must be equal to one of the allowed values",schema:schema55.properties.algorithm.enum,parentSchema:schema55.properties.algorithm,data:data11};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data.encoding !== undefined){
let data12 = data.encoding;
if(!((data12 === "hex") || (data12 === "base64"))){
const err32 = {instancePath:instancePath+"/encoding",schemaPath:"#/properties/encoding/enum",keyword:"enum",params:{allowedValues: schema55.properties.encoding.enum},message:"must be equal to one of the allowed values",schema:schema55.properties.encoding.enum,parentSchema:schema55.properties.encoding,data:data12};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
}
else {
const err33 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema55.type,parentSchema:schema55,data};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
validate65.errors = vErrors;
return errors === 0;
}
validate65.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate60(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
/*# sourceURL="namespace-webhook.schema.json" */;
let vErrors = null;
let errors = 0;
const evaluated0 = validate60.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.apiVersion === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "apiVersion"},message:"must have required property '"+"apiVersion"+"'",schema:schema153.required,parentSchema:schema153,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.kind === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "kind"},message:"must have required property '"+"kind"+"'",schema:schema153.required,parentSchema:schema153,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(data.metadata === undefined){
const err2 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "metadata"},message:"must have required property '"+"metadata"+"'",schema:schema153.required,parentSchema:schema153,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(data.spec === undefined){
const err3 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "spec"},message:"must have required property '"+"spec"+"'",schema:schema153.required,parentSchema:schema153,data};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
for(const key0 in data){
if(!((((key0 === "apiVersion") || (key0 === "kind")) || (key0 === "metadata")) || (key0 === "spec"))){
const err4 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema153,data};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.apiVersion !== undefined){
let data0 = data.apiVersion;
if("callboard/v1" !== data0){
const err5 = {instancePath:instancePath+"/apiVersion",schemaPath:"common.schema.json#/$defs/apiVersion/const",keyword:"const",params:{allowedValue: "callboard/v1"},message:"must be equal to constant",schema:"callboard/v1",parentSchema:schema33,data:data0};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.kind !== undefined){
let data1 = data.kind;
if("NamespaceWebhook" !== data1){
const err6 = {instancePath:instancePath+"/kind",schemaPath:"#/properties/kind/const",keyword:"const",params:{allowedValue: "NamespaceWebhook"},message:"must be equal to constant",schema:"NamespaceWebhook",parentSchema:schema153.properties.kind,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.metadata !== undefined){
let data2 = data.metadata;
if(!(validate61(data2, {instancePath:instancePath+"/metadata",parentData:data,parentDataProperty:"metadata",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate61.errors : vErrors.concat(validate61.errors);
errors = vErrors.length;
}
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
if(data2.namespace === undefined){
const err7 = {instancePath:instancePath+"/metadata",schemaPath:"#/properties/metadata/required",keyword:"required",params:{missingProperty: "namespace"},message:"must have required property '"+"namespace"+"'",schema:schema153.properties.metadata.required,parentSchema:schema153.properties.metadata,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
}
if(data.spec !== undefined){
let data3 = data.spec;
const _errs10 = errors;
let valid4 = true;
const _errs11 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
let missing0;
if((data3.type === undefined) && (missing0 = "type")){
const err8 = {};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
else {
if(data3.type !== undefined){
if("kafka" !== data3.type){
const err9 = {};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
}
}
var _valid0 = _errs11 === errors;
errors = _errs10;
if(vErrors !== null){
if(_errs10){
vErrors.length = _errs10;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs13 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.kafkaBrokers === undefined){
const err10 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/0/then/required",keyword:"required",params:{missingProperty: "kafkaBrokers"},message:"must have required property '"+"kafkaBrokers"+"'",schema:schema37.then.required,parentSchema:schema37.then,data:data3};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if(data3.kafkaTopic === undefined){
const err11 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/0/then/required",keyword:"required",params:{missingProperty: "kafkaTopic"},message:"must have required property '"+"kafkaTopic"+"'",schema:schema37.then.required,parentSchema:schema37.then,data:data3};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
var _valid0 = _errs13 === errors;
valid4 = _valid0;
}
if(!valid4){
const err12 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/0/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema37.if,parentSchema:schema37,data:data3};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
const _errs16 = errors;
let valid7 = true;
const _errs17 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
let missing1;
if((data3.type === undefined) && (missing1 = "type")){
const err13 = {};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
else {
if(data3.type !== undefined){
if("rabbitmq" !== data3.type){
const err14 = {};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
}
var _valid1 = _errs17 === errors;
errors = _errs16;
if(vErrors !== null){
if(_errs16){
vErrors.length = _errs16;
}
else {
vErrors = null;
}
}
if(_valid1){
const _errs19 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.rabbitURL === undefined){
const err15 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/1/then/required",keyword:"required",params:{missingProperty: "rabbitURL"},message:"must have required property '"+"rabbitURL"+"'",schema:schema38.then.required,parentSchema:schema38.then,data:data3};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
var _valid1 = _errs19 === errors;
valid7 = _valid1;
}
if(!valid7){
const err16 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/1/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema38.if,parentSchema:schema38,data:data3};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
const _errs22 = errors;
let valid10 = true;
const _errs23 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.type !== undefined){
if("http" !== data3.type){
const err17 = {};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
}
var _valid2 = _errs23 === errors;
errors = _errs22;
if(vErrors !== null){
if(_errs22){
vErrors.length = _errs22;
}
else {
vErrors = null;
}
}
if(_valid2){
const _errs25 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.url === undefined){
const err18 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/2/then/required",keyword:"required",params:{missingProperty: "url"},message:"must have required property '"+"url"+"'",schema:schema39.then.required,parentSchema:schema39.then,data:data3};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
var _valid2 = _errs25 === errors;
valid10 = _valid2;
}
if(!valid10){
const err19 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/2/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema39.if,parentSchema:schema39,data:data3};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
const _errs28 = errors;
let valid13 = true;
const _errs29 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
let missing2;
if((data3.kafkaUseSASL === undefined) && (missing2 = "kafkaUseSASL")){
const err20 = {};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
else {
if(data3.kafkaUseSASL !== undefined){
if(true !== data3.kafkaUseSASL){
const err21 = {};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
}
}
var _valid3 = _errs29 === errors;
errors = _errs28;
if(vErrors !== null){
if(_errs28){
vErrors.length = _errs28;
}
else {
vErrors = null;
}
}
if(_valid3){
const _errs31 = errors;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.kafkaUsername === undefined){
const err22 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/3/then/required",keyword:"required",params:{missingProperty: "kafkaUsername"},message:"must have required property '"+"kafkaUsername"+"'",schema:schema40.then.required,parentSchema:schema40.then,data:data3};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
if(data3.kafkaPassword === undefined){
const err23 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/3/then/required",keyword:"required",params:{missingProperty: "kafkaPassword"},message:"must have required property '"+"kafkaPassword"+"'",schema:schema40.then.required,parentSchema:schema40.then,data:data3};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
var _valid3 = _errs31 === errors;
valid13 = _valid3;
}
if(!valid13){
const err24 = {instancePath:instancePath+"/spec",schemaPath:"common.schema.json#/$defs/callback/allOf/3/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema40.if,parentSchema:schema40,data:data3};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(data3.operation === undefined){
const err25 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/required",keyword:"required",params:{missingProperty: "operation"},message:"must have required property '"+"operation"+"'",schema:schema153.properties.spec.required,parentSchema:schema153.properties.spec,data:data3};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
for(const key1 in data3){
if(!(func11.call(schema153.properties.spec.properties, key1))){
const err26 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema153.properties.spec,data:data3};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data3.operation !== undefined){
let data8 = data3.operation;
if((typeof data8 !== "string") && (!(Array.isArray(data8)))){
const err27 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/properties/spec/properties/operation/type",keyword:"type",params:{type: schema153.properties.spec.properties.operation.type},message:"must be string,array",schema:schema153.properties.spec.properties.operation.type,parentSchema:schema153.properties.spec.properties.operation,data:data8};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
const _errs35 = errors;
let valid16 = true;
const _errs36 = errors;
if(!(Array.isArray(data8))){
const err28 = {};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
var _valid4 = _errs36 === errors;
errors = _errs35;
if(vErrors !== null){
if(_errs35){
vErrors.length = _errs35;
}
else {
vErrors = null;
}
}
let ifClause0;
if(_valid4){
const _errs38 = errors;
if(Array.isArray(data8)){
if(data8.length > 64){
const err29 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/properties/spec/properties/operation/then/maxItems",keyword:"maxItems",params:{limit: 64},message:"must NOT have more than 64 items",schema:64,parentSchema:schema153.properties.spec.properties.operation.then,data:data8};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
if(data8.length < 1){
const err30 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/properties/spec/properties/operation/then/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema153.properties.spec.properties.operation.then,data:data8};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
const len0 = data8.length;
for(let i0=0; i0<len0; i0++){
let data9 = data8[i0];
if(typeof data9 !== "string"){
const err31 = {instancePath:instancePath+"/spec/operation/" + i0,schemaPath:"#/$defs/operation/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema164.type,parentSchema:schema164,data:data9};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
if(!(((((data9 === "mock.create") || (data9 === "mock.update")) || (data9 === "mock.delete")) || (data9 === "mock.restore")) || (data9 === "user.add_to_namespace"))){
const err32 = {instancePath:instancePath+"/spec/operation/" + i0,schemaPath:"#/$defs/operation/enum",keyword:"enum",params:{allowedValues: schema164.enum},message:"must be equal to one of the allowed values",schema:schema164.enum,parentSchema:schema164,data:data9};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
let i1 = data8.length;
let j0;
if(i1 > 1){
outer0:
for(;i1--;){
for(j0 = i1; j0--;){
if(func0(data8[i1], data8[j0])){
const err33 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/properties/spec/properties/operation/then/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0},message:"must NOT have duplicate items (items ## "+j0+" and "+i1+" are identical)",schema:true,parentSchema:schema153.properties.spec.properties.operation.then,data:data8};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
break outer0;
}
}
}
}
}
var _valid4 = _errs38 === errors;
valid16 = _valid4;
ifClause0 = "then";
}
else {
const _errs42 = errors;
if(typeof data8 !== "string"){
const err34 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/$defs/operation/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema164.type,parentSchema:schema164,data:data8};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
if(!(((((data8 === "mock.create") || (data8 === "mock.update")) || (data8 === "mock.delete")) || (data8 === "mock.restore")) || (data8 === "user.add_to_namespace"))){
const err35 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/$defs/operation/enum",keyword:"enum",params:{allowedValues: schema164.enum},message:"must be equal to one of the allowed values",schema:schema164.enum,parentSchema:schema164,data:data8};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
var _valid4 = _errs42 === errors;
valid16 = _valid4;
ifClause0 = "else";
}
if(!valid16){
const err36 = {instancePath:instancePath+"/spec/operation",schemaPath:"#/properties/spec/properties/operation/if",keyword:"if",params:{failingKeyword: ifClause0},message:"must match \""+ifClause0+"\" schema",schema:schema153.properties.spec.properties.operation.if,parentSchema:schema153.properties.spec.properties.operation,data:data8};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
if(data3.enabled !== undefined){
let data10 = data3.enabled;
if(typeof data10 !== "boolean"){
const err37 = {instancePath:instancePath+"/spec/enabled",schemaPath:"#/properties/spec/properties/enabled/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema153.properties.spec.properties.enabled.type,parentSchema:schema153.properties.spec.properties.enabled,data:data10};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data3.type !== undefined){
let data11 = data3.type;
if(!(((data11 === "http") || (data11 === "kafka")) || (data11 === "rabbitmq"))){
const err38 = {instancePath:instancePath+"/spec/type",schemaPath:"common.schema.json#/$defs/callback/properties/type/enum",keyword:"enum",params:{allowedValues: schema43.enum},message:"must be equal to one of the allowed values",schema:schema43.enum,parentSchema:schema43,data:data11};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
if(data3.delay !== undefined){
let data12 = data3.delay;
if((typeof data12 == "number") && (isFinite(data12))){
if(data12 < 0 || isNaN(data12)){
const err39 = {instancePath:instancePath+"/spec/delay",schemaPath:"common.schema.json#/$defs/callback/properties/delay/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema44,data:data12};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
else {
const err40 = {instancePath:instancePath+"/spec/delay",schemaPath:"common.schema.json#/$defs/callback/properties/delay/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema44.type,parentSchema:schema44,data:data12};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
if(data3.timeout !== undefined){
let data13 = data3.timeout;
if((typeof data13 == "number") && (isFinite(data13))){
if(data13 <= 0 || isNaN(data13)){
const err41 = {instancePath:instancePath+"/spec/timeout",schemaPath:"common.schema.json#/$defs/callback/properties/timeout/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema45,data:data13};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
else {
const err42 = {instancePath:instancePath+"/spec/timeout",schemaPath:"common.schema.json#/$defs/callback/properties/timeout/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema45.type,parentSchema:schema45,data:data13};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
if(data3.retryCount !== undefined){
let data14 = data3.retryCount;
if(!(((typeof data14 == "number") && (!(data14 % 1) && !isNaN(data14))) && (isFinite(data14)))){
const err43 = {instancePath:instancePath+"/spec/retryCount",schemaPath:"common.schema.json#/$defs/callback/properties/retryCount/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema46.type,parentSchema:schema46,data:data14};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
if((typeof data14 == "number") && (isFinite(data14))){
if(data14 > 1000 || isNaN(data14)){
const err44 = {instancePath:instancePath+"/spec/retryCount",schemaPath:"common.schema.json#/$defs/callback/properties/retryCount/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000},message:"must be <= 1000",schema:1000,parentSchema:schema46,data:data14};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
if(data14 < 0 || isNaN(data14)){
const err45 = {instancePath:instancePath+"/spec/retryCount",schemaPath:"common.schema.json#/$defs/callback/properties/retryCount/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema46,data:data14};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
}
if(data3.retryDelay !== undefined){
let data15 = data3.retryDelay;
if((typeof data15 == "number") && (isFinite(data15))){
if(data15 < 0 || isNaN(data15)){
const err46 = {instancePath:instancePath+"/spec/retryDelay",schemaPath:"common.schema.json#/$defs/callback/properties/retryDelay/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema47,data:data15};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
else {
const err47 = {instancePath:instancePath+"/spec/retryDelay",schemaPath:"common.schema.json#/$defs/callback/properties/retryDelay/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema47.type,parentSchema:schema47,data:data15};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data3.retryPolicy !== undefined){
let data16 = data3.retryPolicy;
if(!((data16 === "fixed") || (data16 === "exponential"))){
const err48 = {instancePath:instancePath+"/spec/retryPolicy",schemaPath:"common.schema.json#/$defs/callback/properties/retryPolicy/enum",keyword:"enum",params:{allowedValues: schema48.enum},message:"must be equal to one of the allowed values",schema:schema48.enum,parentSchema:schema48,data:data16};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
if(data3.headers !== undefined){
if(!(validate63(data3.headers, {instancePath:instancePath+"/spec/headers",parentData:data3,parentDataProperty:"headers",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate63.errors : vErrors.concat(validate63.errors);
errors = vErrors.length;
}
}
if(data3.sign !== undefined){
if(!(validate65(data3.sign, {instancePath:instancePath+"/spec/sign",parentData:data3,parentDataProperty:"sign",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate65.errors : vErrors.concat(validate65.errors);
errors = vErrors.length;
}
}
if(data3.breaker !== undefined){
let data20 = data3.breaker;
if(typeof data20 !== "boolean"){
const err49 = {instancePath:instancePath+"/spec/breaker",schemaPath:"common.schema.json#/$defs/callback/properties/breaker/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema58.type,parentSchema:schema58,data:data20};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
if(data3.url !== undefined){
let data21 = data3.url;
if((typeof data21 !== "string") && (!(data21 && typeof data21 == "object" && !Array.isArray(data21)))){
const err50 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/type",keyword:"type",params:{type: schema59.type},message:"must be string,object",schema:schema59.type,parentSchema:schema59,data:data21};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
const _errs72 = errors;
let valid31 = true;
const _errs73 = errors;
if(!(data21 && typeof data21 == "object" && !Array.isArray(data21))){
const err51 = {};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
var _valid5 = _errs73 === errors;
errors = _errs72;
if(vErrors !== null){
if(_errs72){
vErrors.length = _errs72;
}
else {
vErrors = null;
}
}
if(_valid5){
const _errs75 = errors;
const _errs76 = errors;
let valid32 = false;
let passing0 = null;
const _errs77 = errors;
if(data21 && typeof data21 == "object" && !Array.isArray(data21)){
if(data21.env === undefined){
const err52 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema59.then.oneOf[0].required,parentSchema:schema59.then.oneOf[0],data:data21};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
var _valid6 = _errs77 === errors;
if(_valid6){
valid32 = true;
passing0 = 0;
}
const _errs78 = errors;
if(data21 && typeof data21 == "object" && !Array.isArray(data21)){
if(data21.file === undefined){
const err53 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema59.then.oneOf[1].required,parentSchema:schema59.then.oneOf[1],data:data21};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
var _valid6 = _errs78 === errors;
if(_valid6 && valid32){
valid32 = false;
passing0 = [passing0, 1];
}
else {
if(_valid6){
valid32 = true;
passing0 = 1;
}
}
if(!valid32){
const err54 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing0},message:"must match exactly one schema in oneOf",schema:schema59.then.oneOf,parentSchema:schema59.then,data:data21};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
else {
errors = _errs76;
if(vErrors !== null){
if(_errs76){
vErrors.length = _errs76;
}
else {
vErrors = null;
}
}
}
var _valid5 = _errs75 === errors;
valid31 = _valid5;
}
if(!valid31){
const err55 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema59.if,parentSchema:schema59,data:data21};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
if(typeof data21 === "string"){
if(func1(data21) < 1){
const err56 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema59,data:data21};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
if(data21 && typeof data21 == "object" && !Array.isArray(data21)){
for(const key2 in data21){
if(!(((key2 === "env") || (key2 === "file")) || (key2 === "prefix"))){
const err57 = {instancePath:instancePath+"/spec/url",schemaPath:"common.schema.json#/$defs/callback/properties/url/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema59,data:data21};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
if(data21.env !== undefined){
let data22 = data21.env;
if(typeof data22 === "string"){
if(func1(data22) < 1){
const err58 = {instancePath:instancePath+"/spec/url/env",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema59.properties.env,data:data22};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
else {
const err59 = {instancePath:instancePath+"/spec/url/env",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema59.properties.env.type,parentSchema:schema59.properties.env,data:data22};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data21.file !== undefined){
let data23 = data21.file;
if(typeof data23 === "string"){
if(func1(data23) < 1){
const err60 = {instancePath:instancePath+"/spec/url/file",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema59.properties.file,data:data23};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
else {
const err61 = {instancePath:instancePath+"/spec/url/file",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema59.properties.file.type,parentSchema:schema59.properties.file,data:data23};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data21.prefix !== undefined){
let data24 = data21.prefix;
if(typeof data24 !== "string"){
const err62 = {instancePath:instancePath+"/spec/url/prefix",schemaPath:"common.schema.json#/$defs/callback/properties/url/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema59.properties.prefix.type,parentSchema:schema59.properties.prefix,data:data24};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
}
}
if(data3.method !== undefined){
let data25 = data3.method;
if(!(((((data25 === "POST") || (data25 === "PUT")) || (data25 === "PATCH")) || (data25 === "DELETE")) || (data25 === "GET"))){
const err63 = {instancePath:instancePath+"/spec/method",schemaPath:"common.schema.json#/$defs/callback/properties/method/enum",keyword:"enum",params:{allowedValues: schema60.enum},message:"must be equal to one of the allowed values",schema:schema60.enum,parentSchema:schema60,data:data25};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
if(data3.kafkaBrokers !== undefined){
let data26 = data3.kafkaBrokers;
if(typeof data26 === "string"){
if(func1(data26) < 1){
const err64 = {instancePath:instancePath+"/spec/kafkaBrokers",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaBrokers/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema61,data:data26};
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
const err65 = {instancePath:instancePath+"/spec/kafkaBrokers",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaBrokers/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema61.type,parentSchema:schema61,data:data26};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
if(data3.kafkaTopic !== undefined){
let data27 = data3.kafkaTopic;
if(typeof data27 === "string"){
if(func1(data27) < 1){
const err66 = {instancePath:instancePath+"/spec/kafkaTopic",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaTopic/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema62,data:data27};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
}
else {
const err67 = {instancePath:instancePath+"/spec/kafkaTopic",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaTopic/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema62.type,parentSchema:schema62,data:data27};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
}
if(data3.kafkaKey !== undefined){
let data28 = data3.kafkaKey;
if(typeof data28 !== "string"){
const err68 = {instancePath:instancePath+"/spec/kafkaKey",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaKey/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema63.type,parentSchema:schema63,data:data28};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
if(data3.kafkaUseSASL !== undefined){
let data29 = data3.kafkaUseSASL;
if(typeof data29 !== "boolean"){
const err69 = {instancePath:instancePath+"/spec/kafkaUseSASL",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaUseSASL/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema64.type,parentSchema:schema64,data:data29};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
}
if(data3.kafkaSaslMechanism !== undefined){
let data30 = data3.kafkaSaslMechanism;
if(!(((data30 === "plain") || (data30 === "scram-sha-256")) || (data30 === "scram-sha-512"))){
const err70 = {instancePath:instancePath+"/spec/kafkaSaslMechanism",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaSaslMechanism/enum",keyword:"enum",params:{allowedValues: schema65.enum},message:"must be equal to one of the allowed values",schema:schema65.enum,parentSchema:schema65,data:data30};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
if(data3.kafkaUsername !== undefined){
let data31 = data3.kafkaUsername;
if(typeof data31 !== "string"){
const err71 = {instancePath:instancePath+"/spec/kafkaUsername",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaUsername/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema66.type,parentSchema:schema66,data:data31};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
if(data3.kafkaPassword !== undefined){
let data32 = data3.kafkaPassword;
if((typeof data32 !== "string") && (!(data32 && typeof data32 == "object" && !Array.isArray(data32)))){
const err72 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/type",keyword:"type",params:{type: schema50.type},message:"must be string,object",schema:schema50.type,parentSchema:schema50,data:data32};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
const _errs108 = errors;
let valid42 = true;
const _errs109 = errors;
if(!(data32 && typeof data32 == "object" && !Array.isArray(data32))){
const err73 = {};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
var _valid7 = _errs109 === errors;
errors = _errs108;
if(vErrors !== null){
if(_errs108){
vErrors.length = _errs108;
}
else {
vErrors = null;
}
}
if(_valid7){
const _errs111 = errors;
const _errs112 = errors;
let valid43 = false;
let passing1 = null;
const _errs113 = errors;
if(data32 && typeof data32 == "object" && !Array.isArray(data32)){
if(data32.env === undefined){
const err74 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema50.then.oneOf[0].required,parentSchema:schema50.then.oneOf[0],data:data32};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
var _valid8 = _errs113 === errors;
if(_valid8){
valid43 = true;
passing1 = 0;
}
const _errs114 = errors;
if(data32 && typeof data32 == "object" && !Array.isArray(data32)){
if(data32.file === undefined){
const err75 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema50.then.oneOf[1].required,parentSchema:schema50.then.oneOf[1],data:data32};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
}
var _valid8 = _errs114 === errors;
if(_valid8 && valid43){
valid43 = false;
passing1 = [passing1, 1];
}
else {
if(_valid8){
valid43 = true;
passing1 = 1;
}
}
if(!valid43){
const err76 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing1},message:"must match exactly one schema in oneOf",schema:schema50.then.oneOf,parentSchema:schema50.then,data:data32};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
else {
errors = _errs112;
if(vErrors !== null){
if(_errs112){
vErrors.length = _errs112;
}
else {
vErrors = null;
}
}
}
var _valid7 = _errs111 === errors;
valid42 = _valid7;
}
if(!valid42){
const err77 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema50.if,parentSchema:schema50,data:data32};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
if(data32 && typeof data32 == "object" && !Array.isArray(data32)){
for(const key3 in data32){
if(!(((key3 === "env") || (key3 === "file")) || (key3 === "prefix"))){
const err78 = {instancePath:instancePath+"/spec/kafkaPassword",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties",schema:false,parentSchema:schema50,data:data32};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
}
if(data32.env !== undefined){
let data33 = data32.env;
if(typeof data33 === "string"){
if(func1(data33) < 1){
const err79 = {instancePath:instancePath+"/spec/kafkaPassword/env",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.env,data:data33};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
}
else {
const err80 = {instancePath:instancePath+"/spec/kafkaPassword/env",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.env.type,parentSchema:schema50.properties.env,data:data33};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
if(data32.file !== undefined){
let data34 = data32.file;
if(typeof data34 === "string"){
if(func1(data34) < 1){
const err81 = {instancePath:instancePath+"/spec/kafkaPassword/file",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema50.properties.file,data:data34};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
else {
const err82 = {instancePath:instancePath+"/spec/kafkaPassword/file",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.file.type,parentSchema:schema50.properties.file,data:data34};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
if(data32.prefix !== undefined){
let data35 = data32.prefix;
if(typeof data35 !== "string"){
const err83 = {instancePath:instancePath+"/spec/kafkaPassword/prefix",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaPassword/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema50.properties.prefix.type,parentSchema:schema50.properties.prefix,data:data35};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
}
}
}
if(data3.kafkaUseTLS !== undefined){
let data36 = data3.kafkaUseTLS;
if(typeof data36 !== "boolean"){
const err84 = {instancePath:instancePath+"/spec/kafkaUseTLS",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaUseTLS/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema68.type,parentSchema:schema68,data:data36};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
}
if(data3.kafkaCa !== undefined){
let data37 = data3.kafkaCa;
if(typeof data37 === "string"){
if(func1(data37) < 1){
const err85 = {instancePath:instancePath+"/spec/kafkaCa",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaCa/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema69,data:data37};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
}
else {
const err86 = {instancePath:instancePath+"/spec/kafkaCa",schemaPath:"common.schema.json#/$defs/callback/properties/kafkaCa/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema69.type,parentSchema:schema69,data:data37};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
if(data3.rabbitURL !== undefined){
let data38 = data3.rabbitURL;
if((typeof data38 !== "string") && (!(data38 && typeof data38 == "object" && !Array.isArray(data38)))){
const err87 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/type",keyword:"type",params:{type: schema70.type},message:"must be string,object",schema:schema70.type,parentSchema:schema70,data:data38};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
const _errs131 = errors;
let valid48 = true;
const _errs132 = errors;
if(!(data38 && typeof data38 == "object" && !Array.isArray(data38))){
const err88 = {};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
var _valid9 = _errs132 === errors;
errors = _errs131;
if(vErrors !== null){
if(_errs131){
vErrors.length = _errs131;
}
else {
vErrors = null;
}
}
if(_valid9){
const _errs134 = errors;
const _errs135 = errors;
let valid49 = false;
let passing2 = null;
const _errs136 = errors;
if(data38 && typeof data38 == "object" && !Array.isArray(data38)){
if(data38.env === undefined){
const err89 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/then/oneOf/0/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema70.then.oneOf[0].required,parentSchema:schema70.then.oneOf[0],data:data38};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
}
var _valid10 = _errs136 === errors;
if(_valid10){
valid49 = true;
passing2 = 0;
}
const _errs137 = errors;
if(data38 && typeof data38 == "object" && !Array.isArray(data38)){
if(data38.file === undefined){
const err90 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/then/oneOf/1/required",keyword:"required",params:{missingProperty: "file"},message:"must have required property '"+"file"+"'",schema:schema70.then.oneOf[1].required,parentSchema:schema70.then.oneOf[1],data:data38};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
var _valid10 = _errs137 === errors;
if(_valid10 && valid49){
valid49 = false;
passing2 = [passing2, 1];
}
else {
if(_valid10){
valid49 = true;
passing2 = 1;
}
}
if(!valid49){
const err91 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/then/oneOf",keyword:"oneOf",params:{passingSchemas: passing2},message:"must match exactly one schema in oneOf",schema:schema70.then.oneOf,parentSchema:schema70.then,data:data38};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
else {
errors = _errs135;
if(vErrors !== null){
if(_errs135){
vErrors.length = _errs135;
}
else {
vErrors = null;
}
}
}
var _valid9 = _errs134 === errors;
valid48 = _valid9;
}
if(!valid48){
const err92 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema70.if,parentSchema:schema70,data:data38};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
if(typeof data38 === "string"){
if(func1(data38) < 1){
const err93 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema70,data:data38};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
}
if(data38 && typeof data38 == "object" && !Array.isArray(data38)){
for(const key4 in data38){
if(!(((key4 === "env") || (key4 === "file")) || (key4 === "prefix"))){
const err94 = {instancePath:instancePath+"/spec/rabbitURL",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties",schema:false,parentSchema:schema70,data:data38};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
}
if(data38.env !== undefined){
let data39 = data38.env;
if(typeof data39 === "string"){
if(func1(data39) < 1){
const err95 = {instancePath:instancePath+"/spec/rabbitURL/env",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/env/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema70.properties.env,data:data39};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
else {
const err96 = {instancePath:instancePath+"/spec/rabbitURL/env",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema70.properties.env.type,parentSchema:schema70.properties.env,data:data39};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
}
if(data38.file !== undefined){
let data40 = data38.file;
if(typeof data40 === "string"){
if(func1(data40) < 1){
const err97 = {instancePath:instancePath+"/spec/rabbitURL/file",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/file/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema70.properties.file,data:data40};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
}
else {
const err98 = {instancePath:instancePath+"/spec/rabbitURL/file",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema70.properties.file.type,parentSchema:schema70.properties.file,data:data40};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
}
if(data38.prefix !== undefined){
let data41 = data38.prefix;
if(typeof data41 !== "string"){
const err99 = {instancePath:instancePath+"/spec/rabbitURL/prefix",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitURL/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema70.properties.prefix.type,parentSchema:schema70.properties.prefix,data:data41};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
}
}
}
if(data3.rabbitExchange !== undefined){
let data42 = data3.rabbitExchange;
if(typeof data42 !== "string"){
const err100 = {instancePath:instancePath+"/spec/rabbitExchange",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitExchange/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema71.type,parentSchema:schema71,data:data42};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
}
if(data3.rabbitRoutingKey !== undefined){
let data43 = data3.rabbitRoutingKey;
if(typeof data43 !== "string"){
const err101 = {instancePath:instancePath+"/spec/rabbitRoutingKey",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitRoutingKey/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema72.type,parentSchema:schema72,data:data43};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
}
if(data3.rabbitQueue !== undefined){
let data44 = data3.rabbitQueue;
if(typeof data44 !== "string"){
const err102 = {instancePath:instancePath+"/spec/rabbitQueue",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitQueue/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema73.type,parentSchema:schema73,data:data44};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
}
if(data3.rabbitMandatory !== undefined){
let data45 = data3.rabbitMandatory;
if(typeof data45 !== "boolean"){
const err103 = {instancePath:instancePath+"/spec/rabbitMandatory",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitMandatory/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema74.type,parentSchema:schema74,data:data45};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
}
if(data3.rabbitCa !== undefined){
let data46 = data3.rabbitCa;
if(typeof data46 === "string"){
if(func1(data46) < 1){
const err104 = {instancePath:instancePath+"/spec/rabbitCa",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitCa/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema75,data:data46};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
}
else {
const err105 = {instancePath:instancePath+"/spec/rabbitCa",schemaPath:"common.schema.json#/$defs/callback/properties/rabbitCa/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema75.type,parentSchema:schema75,data:data46};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
}
}
}
else {
const err106 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema153.properties.spec.type,parentSchema:schema153.properties.spec,data:data3};
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
const err107 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema153.type,parentSchema:schema153,data};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
validate60.errors = vErrors;
return errors === 0;
}
validate60.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const validateNamespace = validate67;
const schema199 = {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"namespace.schema.json","title":"Namespace","description":"A group of mocks with settings of their own. Need not be declared: an undeclared namespace exists while something is in it.","type":"object","additionalProperties":false,"required":["apiVersion","kind","metadata"],"properties":{"apiVersion":{"$ref":"common.schema.json#/$defs/apiVersion"},"kind":{"description":"The kind of resource.","const":"Namespace"},"metadata":{"title":"NamespaceMetadata","description":"What the namespace is called. A Namespace is global: it has no namespace itself.","type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"$ref":"common.schema.json#/$defs/namespaceName","description":"The namespace's name. Lower-case letters, digits and '-'."},"labels":{"$ref":"common.schema.json#/$defs/labels"},"annotations":{"$ref":"common.schema.json#/$defs/annotations"}}},"spec":{"title":"NamespaceSpec","description":"Settings of the namespace.","type":["object","null"],"additionalProperties":false,"properties":{"description":{"description":"What the namespace is for, for people.","type":"string"},"suspend":{"description":"true: its mocks answer 503 and its deliveries are held. Default: false.","type":"boolean","default":false},"cors":{"title":"Cors","description":"Whether browsers on other origins may use its mocks. true (default): preflights are answered and the origin is reflected, without credentials, unless a mock claims OPTIONS. false: nothing is added. Or an object that says more.","type":["boolean","object"],"default":true,"additionalProperties":false,"properties":{"origins":{"description":"Origins that may use its mocks, such as `https://app.example.com`; `*` for all. Default: all.","type":"array","minItems":1,"maxItems":256,"items":{"description":"An origin, or `*`.","type":"string","pattern":"^(\\*|https?://[^/\\s]+)$"}},"credentials":{"description":"Whether browsers may send cookies and authorization. Default: false.","type":"boolean","default":false},"headers":{"description":"Request headers a preflight allows. Default: those asked for.","type":"array","maxItems":256,"items":{"description":"A header's name.","type":"string","minLength":1}},"exposeHeaders":{"description":"Response headers that scripts may read. Default: none beyond the safe ones.","type":"array","maxItems":256,"items":{"description":"A header's name, or `*`.","type":"string","minLength":1}},"maxAge":{"description":"Seconds a browser may keep a preflight's answer. Default: 600.","type":"integer","minimum":0,"default":600}}},"fallback":{"title":"Fallback","description":"What to do with requests that no mock matches. Default: answer 404.","type":"object","additionalProperties":false,"required":["proxy"],"properties":{"proxy":{"title":"FallbackProxy","description":"Pass them on to a real server.","type":"object","additionalProperties":false,"required":["target"],"properties":{"target":{"description":"Base URL of the server, `http://` or `https://`. The path of the request is appended.","type":"string","pattern":"^https?://[^\\s]+$"}}}}}}}}};
const pattern24 = new RegExp("^(\\*|https?://[^/\\s]+)$", "u");

function validate67(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
/*# sourceURL="namespace.schema.json" */;
let vErrors = null;
let errors = 0;
const evaluated0 = validate67.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.apiVersion === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "apiVersion"},message:"must have required property '"+"apiVersion"+"'",schema:schema199.required,parentSchema:schema199,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.kind === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "kind"},message:"must have required property '"+"kind"+"'",schema:schema199.required,parentSchema:schema199,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(data.metadata === undefined){
const err2 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "metadata"},message:"must have required property '"+"metadata"+"'",schema:schema199.required,parentSchema:schema199,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
for(const key0 in data){
if(!((((key0 === "apiVersion") || (key0 === "kind")) || (key0 === "metadata")) || (key0 === "spec"))){
const err3 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema199,data};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.apiVersion !== undefined){
let data0 = data.apiVersion;
if("callboard/v1" !== data0){
const err4 = {instancePath:instancePath+"/apiVersion",schemaPath:"common.schema.json#/$defs/apiVersion/const",keyword:"const",params:{allowedValue: "callboard/v1"},message:"must be equal to constant",schema:"callboard/v1",parentSchema:schema33,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.kind !== undefined){
let data1 = data.kind;
if("Namespace" !== data1){
const err5 = {instancePath:instancePath+"/kind",schemaPath:"#/properties/kind/const",keyword:"const",params:{allowedValue: "Namespace"},message:"must be equal to constant",schema:"Namespace",parentSchema:schema199.properties.kind,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.metadata !== undefined){
let data2 = data.metadata;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
if(data2.name === undefined){
const err6 = {instancePath:instancePath+"/metadata",schemaPath:"#/properties/metadata/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'",schema:schema199.properties.metadata.required,parentSchema:schema199.properties.metadata,data:data2};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
for(const key1 in data2){
if(!(((key1 === "name") || (key1 === "labels")) || (key1 === "annotations"))){
const err7 = {instancePath:instancePath+"/metadata",schemaPath:"#/properties/metadata/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema199.properties.metadata,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data2.name !== undefined){
let data3 = data2.name;
if(typeof data3 === "string"){
if(func1(data3) > 63){
const err8 = {instancePath:instancePath+"/metadata/name",schemaPath:"common.schema.json#/$defs/namespaceName/maxLength",keyword:"maxLength",params:{limit: 63},message:"must NOT have more than 63 characters",schema:63,parentSchema:schema80,data:data3};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(func1(data3) < 1){
const err9 = {instancePath:instancePath+"/metadata/name",schemaPath:"common.schema.json#/$defs/namespaceName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema80,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(!pattern8.test(data3)){
const err10 = {instancePath:instancePath+"/metadata/name",schemaPath:"common.schema.json#/$defs/namespaceName/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"},message:"must match pattern \""+"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"+"\"",schema:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",parentSchema:schema80,data:data3};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
else {
const err11 = {instancePath:instancePath+"/metadata/name",schemaPath:"common.schema.json#/$defs/namespaceName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema80.type,parentSchema:schema80,data:data3};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data2.labels !== undefined){
let data4 = data2.labels;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(Object.keys(data4).length > 64){
const err12 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/maxProperties",keyword:"maxProperties",params:{limit: 64},message:"must NOT have more than 64 properties",schema:64,parentSchema:schema35,data:data4};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
for(const key2 in data4){
const _errs14 = errors;
if(typeof key2 === "string"){
if(func1(key2) > 253){
const err13 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/propertyNames/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema35.propertyNames,data:key2,propertyName:key2};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if(func1(key2) < 1){
const err14 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/propertyNames/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema35.propertyNames,data:key2,propertyName:key2};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
var valid5 = _errs14 === errors;
if(!valid5){
const err15 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/propertyNames",keyword:"propertyNames",params:{propertyName: key2},message:"property name must be valid",schema:schema35.propertyNames,parentSchema:schema35,data:data4};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
for(const key3 in data4){
let data5 = data4[key3];
if(typeof data5 === "string"){
if(func1(data5) > 1024){
const err16 = {instancePath:instancePath+"/metadata/labels/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/labels/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters",schema:1024,parentSchema:schema35.additionalProperties,data:data5};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
else {
const err17 = {instancePath:instancePath+"/metadata/labels/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/labels/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema35.additionalProperties.type,parentSchema:schema35.additionalProperties,data:data5};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
}
else {
const err18 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema35.type,parentSchema:schema35,data:data4};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data2.annotations !== undefined){
let data6 = data2.annotations;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
if(Object.keys(data6).length > 64){
const err19 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/maxProperties",keyword:"maxProperties",params:{limit: 64},message:"must NOT have more than 64 properties",schema:64,parentSchema:schema36,data:data6};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
for(const key4 in data6){
const _errs21 = errors;
if(typeof key4 === "string"){
if(func1(key4) > 253){
const err20 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/propertyNames/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema36.propertyNames,data:key4,propertyName:key4};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
if(func1(key4) < 1){
const err21 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/propertyNames/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.propertyNames,data:key4,propertyName:key4};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
var valid8 = _errs21 === errors;
if(!valid8){
const err22 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/propertyNames",keyword:"propertyNames",params:{propertyName: key4},message:"property name must be valid",schema:schema36.propertyNames,parentSchema:schema36,data:data6};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
for(const key5 in data6){
if(!((key5 === "callboard/renamed-from") || (key5 === "callboard/faker-seed"))){
let data7 = data6[key5];
if(typeof data7 === "string"){
if(func1(data7) > 65536){
const err23 = {instancePath:instancePath+"/metadata/annotations/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/annotations/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 65536},message:"must NOT have more than 65536 characters",schema:65536,parentSchema:schema36.additionalProperties,data:data7};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
else {
const err24 = {instancePath:instancePath+"/metadata/annotations/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/annotations/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.additionalProperties.type,parentSchema:schema36.additionalProperties,data:data7};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
}
if(data6["callboard/renamed-from"] !== undefined){
let data8 = data6["callboard/renamed-from"];
if(typeof data8 === "string"){
if(func1(data8) < 1){
const err25 = {instancePath:instancePath+"/metadata/annotations/callboard~1renamed-from",schemaPath:"common.schema.json#/$defs/annotations/properties/callboard~1renamed-from/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.properties["callboard/renamed-from"],data:data8};
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
const err26 = {instancePath:instancePath+"/metadata/annotations/callboard~1renamed-from",schemaPath:"common.schema.json#/$defs/annotations/properties/callboard~1renamed-from/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.properties["callboard/renamed-from"].type,parentSchema:schema36.properties["callboard/renamed-from"],data:data8};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data6["callboard/faker-seed"] !== undefined){
let data9 = data6["callboard/faker-seed"];
if(typeof data9 === "string"){
if(func1(data9) < 1){
const err27 = {instancePath:instancePath+"/metadata/annotations/callboard~1faker-seed",schemaPath:"common.schema.json#/$defs/annotations/properties/callboard~1faker-seed/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.properties["callboard/faker-seed"],data:data9};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
else {
const err28 = {instancePath:instancePath+"/metadata/annotations/callboard~1faker-seed",schemaPath:"common.schema.json#/$defs/annotations/properties/callboard~1faker-seed/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.properties["callboard/faker-seed"].type,parentSchema:schema36.properties["callboard/faker-seed"],data:data9};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
}
else {
const err29 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema36.type,parentSchema:schema36,data:data6};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
}
else {
const err30 = {instancePath:instancePath+"/metadata",schemaPath:"#/properties/metadata/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema199.properties.metadata.type,parentSchema:schema199.properties.metadata,data:data2};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data.spec !== undefined){
let data10 = data.spec;
if((!(data10 && typeof data10 == "object" && !Array.isArray(data10))) && (data10 !== null)){
const err31 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/type",keyword:"type",params:{type: schema199.properties.spec.type},message:"must be object,null",schema:schema199.properties.spec.type,parentSchema:schema199.properties.spec,data:data10};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
for(const key6 in data10){
if(!((((key6 === "description") || (key6 === "suspend")) || (key6 === "cors")) || (key6 === "fallback"))){
const err32 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties",schema:false,parentSchema:schema199.properties.spec,data:data10};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
if(data10.description !== undefined){
let data11 = data10.description;
if(typeof data11 !== "string"){
const err33 = {instancePath:instancePath+"/spec/description",schemaPath:"#/properties/spec/properties/description/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema199.properties.spec.properties.description.type,parentSchema:schema199.properties.spec.properties.description,data:data11};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data10.suspend !== undefined){
let data12 = data10.suspend;
if(typeof data12 !== "boolean"){
const err34 = {instancePath:instancePath+"/spec/suspend",schemaPath:"#/properties/spec/properties/suspend/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema199.properties.spec.properties.suspend.type,parentSchema:schema199.properties.spec.properties.suspend,data:data12};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
if(data10.cors !== undefined){
let data13 = data10.cors;
if((typeof data13 !== "boolean") && (!(data13 && typeof data13 == "object" && !Array.isArray(data13)))){
const err35 = {instancePath:instancePath+"/spec/cors",schemaPath:"#/properties/spec/properties/cors/type",keyword:"type",params:{type: schema199.properties.spec.properties.cors.type},message:"must be boolean,object",schema:schema199.properties.spec.properties.cors.type,parentSchema:schema199.properties.spec.properties.cors,data:data13};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
if(data13 && typeof data13 == "object" && !Array.isArray(data13)){
for(const key7 in data13){
if(!(((((key7 === "origins") || (key7 === "credentials")) || (key7 === "headers")) || (key7 === "exposeHeaders")) || (key7 === "maxAge"))){
const err36 = {instancePath:instancePath+"/spec/cors",schemaPath:"#/properties/spec/properties/cors/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties",schema:false,parentSchema:schema199.properties.spec.properties.cors,data:data13};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
if(data13.origins !== undefined){
let data14 = data13.origins;
if(Array.isArray(data14)){
if(data14.length > 256){
const err37 = {instancePath:instancePath+"/spec/cors/origins",schemaPath:"#/properties/spec/properties/cors/properties/origins/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema199.properties.spec.properties.cors.properties.origins,data:data14};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
if(data14.length < 1){
const err38 = {instancePath:instancePath+"/spec/cors/origins",schemaPath:"#/properties/spec/properties/cors/properties/origins/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema199.properties.spec.properties.cors.properties.origins,data:data14};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
const len0 = data14.length;
for(let i0=0; i0<len0; i0++){
let data15 = data14[i0];
if(typeof data15 === "string"){
if(!pattern24.test(data15)){
const err39 = {instancePath:instancePath+"/spec/cors/origins/" + i0,schemaPath:"#/properties/spec/properties/cors/properties/origins/items/pattern",keyword:"pattern",params:{pattern: "^(\\*|https?://[^/\\s]+)$"},message:"must match pattern \""+"^(\\*|https?://[^/\\s]+)$"+"\"",schema:"^(\\*|https?://[^/\\s]+)$",parentSchema:schema199.properties.spec.properties.cors.properties.origins.items,data:data15};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
else {
const err40 = {instancePath:instancePath+"/spec/cors/origins/" + i0,schemaPath:"#/properties/spec/properties/cors/properties/origins/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema199.properties.spec.properties.cors.properties.origins.items.type,parentSchema:schema199.properties.spec.properties.cors.properties.origins.items,data:data15};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
}
else {
const err41 = {instancePath:instancePath+"/spec/cors/origins",schemaPath:"#/properties/spec/properties/cors/properties/origins/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema199.properties.spec.properties.cors.properties.origins.type,parentSchema:schema199.properties.spec.properties.cors.properties.origins,data:data14};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
if(data13.credentials !== undefined){
let data16 = data13.credentials;
if(typeof data16 !== "boolean"){
const err42 = {instancePath:instancePath+"/spec/cors/credentials",schemaPath:"#/properties/spec/properties/cors/properties/credentials/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema199.properties.spec.properties.cors.properties.credentials.type,parentSchema:schema199.properties.spec.properties.cors.properties.credentials,data:data16};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
if(data13.headers !== undefined){
let data17 = data13.headers;
if(Array.isArray(data17)){
if(data17.length > 256){
const err43 = {instancePath:instancePath+"/spec/cors/headers",schemaPath:"#/properties/spec/properties/cors/properties/headers/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema199.properties.spec.properties.cors.properties.headers,data:data17};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
const len1 = data17.length;
for(let i1=0; i1<len1; i1++){
let data18 = data17[i1];
if(typeof data18 === "string"){
if(func1(data18) < 1){
const err44 = {instancePath:instancePath+"/spec/cors/headers/" + i1,schemaPath:"#/properties/spec/properties/cors/properties/headers/items/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema199.properties.spec.properties.cors.properties.headers.items,data:data18};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
else {
const err45 = {instancePath:instancePath+"/spec/cors/headers/" + i1,schemaPath:"#/properties/spec/properties/cors/properties/headers/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema199.properties.spec.properties.cors.properties.headers.items.type,parentSchema:schema199.properties.spec.properties.cors.properties.headers.items,data:data18};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
}
else {
const err46 = {instancePath:instancePath+"/spec/cors/headers",schemaPath:"#/properties/spec/properties/cors/properties/headers/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema199.properties.spec.properties.cors.properties.headers.type,parentSchema:schema199.properties.spec.properties.cors.properties.headers,data:data17};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
if(data13.exposeHeaders !== undefined){
let data19 = data13.exposeHeaders;
if(Array.isArray(data19)){
if(data19.length > 256){
const err47 = {instancePath:instancePath+"/spec/cors/exposeHeaders",schemaPath:"#/properties/spec/properties/cors/properties/exposeHeaders/maxItems",keyword:"maxItems",params:{limit: 256},message:"must NOT have more than 256 items",schema:256,parentSchema:schema199.properties.spec.properties.cors.properties.exposeHeaders,data:data19};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
const len2 = data19.length;
for(let i2=0; i2<len2; i2++){
let data20 = data19[i2];
if(typeof data20 === "string"){
if(func1(data20) < 1){
const err48 = {instancePath:instancePath+"/spec/cors/exposeHeaders/" + i2,schemaPath:"#/properties/spec/properties/cors/properties/exposeHeaders/items/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema199.properties.spec.properties.cors.properties.exposeHeaders.items,data:data20};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
else {
const err49 = {instancePath:instancePath+"/spec/cors/exposeHeaders/" + i2,schemaPath:"#/properties/spec/properties/cors/properties/exposeHeaders/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema199.properties.spec.properties.cors.properties.exposeHeaders.items.type,parentSchema:schema199.properties.spec.properties.cors.properties.exposeHeaders.items,data:data20};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
}
else {
const err50 = {instancePath:instancePath+"/spec/cors/exposeHeaders",schemaPath:"#/properties/spec/properties/cors/properties/exposeHeaders/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema199.properties.spec.properties.cors.properties.exposeHeaders.type,parentSchema:schema199.properties.spec.properties.cors.properties.exposeHeaders,data:data19};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
if(data13.maxAge !== undefined){
let data21 = data13.maxAge;
if(!(((typeof data21 == "number") && (!(data21 % 1) && !isNaN(data21))) && (isFinite(data21)))){
const err51 = {instancePath:instancePath+"/spec/cors/maxAge",schemaPath:"#/properties/spec/properties/cors/properties/maxAge/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema199.properties.spec.properties.cors.properties.maxAge.type,parentSchema:schema199.properties.spec.properties.cors.properties.maxAge,data:data21};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
if((typeof data21 == "number") && (isFinite(data21))){
if(data21 < 0 || isNaN(data21)){
const err52 = {instancePath:instancePath+"/spec/cors/maxAge",schemaPath:"#/properties/spec/properties/cors/properties/maxAge/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema199.properties.spec.properties.cors.properties.maxAge,data:data21};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
}
}
}
if(data10.fallback !== undefined){
let data22 = data10.fallback;
if(data22 && typeof data22 == "object" && !Array.isArray(data22)){
if(data22.proxy === undefined){
const err53 = {instancePath:instancePath+"/spec/fallback",schemaPath:"#/properties/spec/properties/fallback/required",keyword:"required",params:{missingProperty: "proxy"},message:"must have required property '"+"proxy"+"'",schema:schema199.properties.spec.properties.fallback.required,parentSchema:schema199.properties.spec.properties.fallback,data:data22};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
for(const key8 in data22){
if(!(key8 === "proxy")){
const err54 = {instancePath:instancePath+"/spec/fallback",schemaPath:"#/properties/spec/properties/fallback/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties",schema:false,parentSchema:schema199.properties.spec.properties.fallback,data:data22};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
if(data22.proxy !== undefined){
let data23 = data22.proxy;
if(data23 && typeof data23 == "object" && !Array.isArray(data23)){
if(data23.target === undefined){
const err55 = {instancePath:instancePath+"/spec/fallback/proxy",schemaPath:"#/properties/spec/properties/fallback/properties/proxy/required",keyword:"required",params:{missingProperty: "target"},message:"must have required property '"+"target"+"'",schema:schema199.properties.spec.properties.fallback.properties.proxy.required,parentSchema:schema199.properties.spec.properties.fallback.properties.proxy,data:data23};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
for(const key9 in data23){
if(!(key9 === "target")){
const err56 = {instancePath:instancePath+"/spec/fallback/proxy",schemaPath:"#/properties/spec/properties/fallback/properties/proxy/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key9},message:"must NOT have additional properties",schema:false,parentSchema:schema199.properties.spec.properties.fallback.properties.proxy,data:data23};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
if(data23.target !== undefined){
let data24 = data23.target;
if(typeof data24 === "string"){
if(!pattern16.test(data24)){
const err57 = {instancePath:instancePath+"/spec/fallback/proxy/target",schemaPath:"#/properties/spec/properties/fallback/properties/proxy/properties/target/pattern",keyword:"pattern",params:{pattern: "^https?://[^\\s]+$"},message:"must match pattern \""+"^https?://[^\\s]+$"+"\"",schema:"^https?://[^\\s]+$",parentSchema:schema199.properties.spec.properties.fallback.properties.proxy.properties.target,data:data24};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
else {
const err58 = {instancePath:instancePath+"/spec/fallback/proxy/target",schemaPath:"#/properties/spec/properties/fallback/properties/proxy/properties/target/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema199.properties.spec.properties.fallback.properties.proxy.properties.target.type,parentSchema:schema199.properties.spec.properties.fallback.properties.proxy.properties.target,data:data24};
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
const err59 = {instancePath:instancePath+"/spec/fallback/proxy",schemaPath:"#/properties/spec/properties/fallback/properties/proxy/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema199.properties.spec.properties.fallback.properties.proxy.type,parentSchema:schema199.properties.spec.properties.fallback.properties.proxy,data:data23};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
}
else {
const err60 = {instancePath:instancePath+"/spec/fallback",schemaPath:"#/properties/spec/properties/fallback/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema199.properties.spec.properties.fallback.type,parentSchema:schema199.properties.spec.properties.fallback,data:data22};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
}
}
}
else {
const err61 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema199.type,parentSchema:schema199,data};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
validate67.errors = vErrors;
return errors === 0;
}
validate67.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const validateUser = validate68;
const schema204 = {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"user.schema.json","title":"User","description":"A person: who they are, what they may hear of, and in which language.","type":"object","additionalProperties":false,"required":["apiVersion","kind","metadata","spec"],"properties":{"apiVersion":{"$ref":"common.schema.json#/$defs/apiVersion"},"kind":{"description":"The kind of resource.","const":"User"},"metadata":{"title":"UserMetadata","description":"What the user is called in references. A User is global: it has no namespace itself.","type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"$ref":"common.schema.json#/$defs/resourceName","description":"Unique among users. Lower-case letters, digits, '-' and '.'."},"labels":{"$ref":"common.schema.json#/$defs/labels"},"annotations":{"$ref":"common.schema.json#/$defs/annotations"}}},"spec":{"title":"UserSpec","description":"Who it is.","type":"object","additionalProperties":false,"required":["email"],"properties":{"email":{"description":"E-mail address, `name@host`. No two users have the same, whatever its case.","type":"string","minLength":3,"maxLength":254,"pattern":"^[^\\s@<>()\\[\\],;:\\\\\"]+@[\\p{L}\\p{N}]([\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?(\\.[\\p{L}\\p{N}]([\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?)*$"},"displayName":{"description":"What people call them. Default: the e-mail address.","type":"string","minLength":1,"maxLength":253},"locale":{"description":"Language of messages to them, as a BCP 47 tag such as `en` or `de-AT`. Default: en.","type":"string","minLength":1,"maxLength":64,"default":"en"},"timezone":{"description":"Time zone of their day, by its IANA name such as `Europe/Berlin`. Default: UTC.","type":"string","minLength":1,"maxLength":64,"default":"UTC"},"role":{"description":"`admin`: hears of everything. `member`: of all services of their namespaces. `customer`: of the services named for them. Default: member.","enum":["admin","member","customer"],"default":"member"},"services":{"description":"Services that are named for them. Default: none.","type":"array","maxItems":1000,"uniqueItems":true,"items":{"description":"Name of a service.","type":"string","minLength":1,"maxLength":253}},"namespaces":{"description":"Namespaces they belong to. Default: none.","type":"array","maxItems":1000,"uniqueItems":true,"items":{"$ref":"common.schema.json#/$defs/namespaceName","description":"Name of a namespace."}}}}}};
const pattern27 = new RegExp("^[^\\s@<>()\\[\\],;:\\\\\"]+@[\\p{L}\\p{N}]([\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?(\\.[\\p{L}\\p{N}]([\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?)*$", "u");

function validate68(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
/*# sourceURL="user.schema.json" */;
let vErrors = null;
let errors = 0;
const evaluated0 = validate68.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.apiVersion === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "apiVersion"},message:"must have required property '"+"apiVersion"+"'",schema:schema204.required,parentSchema:schema204,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.kind === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "kind"},message:"must have required property '"+"kind"+"'",schema:schema204.required,parentSchema:schema204,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(data.metadata === undefined){
const err2 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "metadata"},message:"must have required property '"+"metadata"+"'",schema:schema204.required,parentSchema:schema204,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(data.spec === undefined){
const err3 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "spec"},message:"must have required property '"+"spec"+"'",schema:schema204.required,parentSchema:schema204,data};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
for(const key0 in data){
if(!((((key0 === "apiVersion") || (key0 === "kind")) || (key0 === "metadata")) || (key0 === "spec"))){
const err4 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema204,data};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.apiVersion !== undefined){
let data0 = data.apiVersion;
if("callboard/v1" !== data0){
const err5 = {instancePath:instancePath+"/apiVersion",schemaPath:"common.schema.json#/$defs/apiVersion/const",keyword:"const",params:{allowedValue: "callboard/v1"},message:"must be equal to constant",schema:"callboard/v1",parentSchema:schema33,data:data0};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.kind !== undefined){
let data1 = data.kind;
if("User" !== data1){
const err6 = {instancePath:instancePath+"/kind",schemaPath:"#/properties/kind/const",keyword:"const",params:{allowedValue: "User"},message:"must be equal to constant",schema:"User",parentSchema:schema204.properties.kind,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.metadata !== undefined){
let data2 = data.metadata;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
if(data2.name === undefined){
const err7 = {instancePath:instancePath+"/metadata",schemaPath:"#/properties/metadata/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'",schema:schema204.properties.metadata.required,parentSchema:schema204.properties.metadata,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
for(const key1 in data2){
if(!(((key1 === "name") || (key1 === "labels")) || (key1 === "annotations"))){
const err8 = {instancePath:instancePath+"/metadata",schemaPath:"#/properties/metadata/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema204.properties.metadata,data:data2};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data2.name !== undefined){
let data3 = data2.name;
if(typeof data3 === "string"){
if(func1(data3) > 253){
const err9 = {instancePath:instancePath+"/metadata/name",schemaPath:"common.schema.json#/$defs/resourceName/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema34,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(func1(data3) < 1){
const err10 = {instancePath:instancePath+"/metadata/name",schemaPath:"common.schema.json#/$defs/resourceName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema34,data:data3};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if(!pattern4.test(data3)){
const err11 = {instancePath:instancePath+"/metadata/name",schemaPath:"common.schema.json#/$defs/resourceName/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"},message:"must match pattern \""+"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"+"\"",schema:"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",parentSchema:schema34,data:data3};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
else {
const err12 = {instancePath:instancePath+"/metadata/name",schemaPath:"common.schema.json#/$defs/resourceName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.type,parentSchema:schema34,data:data3};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data2.labels !== undefined){
let data4 = data2.labels;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(Object.keys(data4).length > 64){
const err13 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/maxProperties",keyword:"maxProperties",params:{limit: 64},message:"must NOT have more than 64 properties",schema:64,parentSchema:schema35,data:data4};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
for(const key2 in data4){
const _errs14 = errors;
if(typeof key2 === "string"){
if(func1(key2) > 253){
const err14 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/propertyNames/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema35.propertyNames,data:key2,propertyName:key2};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
if(func1(key2) < 1){
const err15 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/propertyNames/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema35.propertyNames,data:key2,propertyName:key2};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
var valid5 = _errs14 === errors;
if(!valid5){
const err16 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/propertyNames",keyword:"propertyNames",params:{propertyName: key2},message:"property name must be valid",schema:schema35.propertyNames,parentSchema:schema35,data:data4};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
for(const key3 in data4){
let data5 = data4[key3];
if(typeof data5 === "string"){
if(func1(data5) > 1024){
const err17 = {instancePath:instancePath+"/metadata/labels/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/labels/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters",schema:1024,parentSchema:schema35.additionalProperties,data:data5};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
else {
const err18 = {instancePath:instancePath+"/metadata/labels/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/labels/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema35.additionalProperties.type,parentSchema:schema35.additionalProperties,data:data5};
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
const err19 = {instancePath:instancePath+"/metadata/labels",schemaPath:"common.schema.json#/$defs/labels/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema35.type,parentSchema:schema35,data:data4};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
if(data2.annotations !== undefined){
let data6 = data2.annotations;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
if(Object.keys(data6).length > 64){
const err20 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/maxProperties",keyword:"maxProperties",params:{limit: 64},message:"must NOT have more than 64 properties",schema:64,parentSchema:schema36,data:data6};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
for(const key4 in data6){
const _errs21 = errors;
if(typeof key4 === "string"){
if(func1(key4) > 253){
const err21 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/propertyNames/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema36.propertyNames,data:key4,propertyName:key4};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(func1(key4) < 1){
const err22 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/propertyNames/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.propertyNames,data:key4,propertyName:key4};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
var valid8 = _errs21 === errors;
if(!valid8){
const err23 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/propertyNames",keyword:"propertyNames",params:{propertyName: key4},message:"property name must be valid",schema:schema36.propertyNames,parentSchema:schema36,data:data6};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
for(const key5 in data6){
if(!((key5 === "callboard/renamed-from") || (key5 === "callboard/faker-seed"))){
let data7 = data6[key5];
if(typeof data7 === "string"){
if(func1(data7) > 65536){
const err24 = {instancePath:instancePath+"/metadata/annotations/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/annotations/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 65536},message:"must NOT have more than 65536 characters",schema:65536,parentSchema:schema36.additionalProperties,data:data7};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
else {
const err25 = {instancePath:instancePath+"/metadata/annotations/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"common.schema.json#/$defs/annotations/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.additionalProperties.type,parentSchema:schema36.additionalProperties,data:data7};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
}
if(data6["callboard/renamed-from"] !== undefined){
let data8 = data6["callboard/renamed-from"];
if(typeof data8 === "string"){
if(func1(data8) < 1){
const err26 = {instancePath:instancePath+"/metadata/annotations/callboard~1renamed-from",schemaPath:"common.schema.json#/$defs/annotations/properties/callboard~1renamed-from/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.properties["callboard/renamed-from"],data:data8};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
else {
const err27 = {instancePath:instancePath+"/metadata/annotations/callboard~1renamed-from",schemaPath:"common.schema.json#/$defs/annotations/properties/callboard~1renamed-from/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.properties["callboard/renamed-from"].type,parentSchema:schema36.properties["callboard/renamed-from"],data:data8};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data6["callboard/faker-seed"] !== undefined){
let data9 = data6["callboard/faker-seed"];
if(typeof data9 === "string"){
if(func1(data9) < 1){
const err28 = {instancePath:instancePath+"/metadata/annotations/callboard~1faker-seed",schemaPath:"common.schema.json#/$defs/annotations/properties/callboard~1faker-seed/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema36.properties["callboard/faker-seed"],data:data9};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
else {
const err29 = {instancePath:instancePath+"/metadata/annotations/callboard~1faker-seed",schemaPath:"common.schema.json#/$defs/annotations/properties/callboard~1faker-seed/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema36.properties["callboard/faker-seed"].type,parentSchema:schema36.properties["callboard/faker-seed"],data:data9};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
}
else {
const err30 = {instancePath:instancePath+"/metadata/annotations",schemaPath:"common.schema.json#/$defs/annotations/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema36.type,parentSchema:schema36,data:data6};
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
const err31 = {instancePath:instancePath+"/metadata",schemaPath:"#/properties/metadata/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema204.properties.metadata.type,parentSchema:schema204.properties.metadata,data:data2};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data.spec !== undefined){
let data10 = data.spec;
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
if(data10.email === undefined){
const err32 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/required",keyword:"required",params:{missingProperty: "email"},message:"must have required property '"+"email"+"'",schema:schema204.properties.spec.required,parentSchema:schema204.properties.spec,data:data10};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
for(const key6 in data10){
if(!(((((((key6 === "email") || (key6 === "displayName")) || (key6 === "locale")) || (key6 === "timezone")) || (key6 === "role")) || (key6 === "services")) || (key6 === "namespaces"))){
const err33 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties",schema:false,parentSchema:schema204.properties.spec,data:data10};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data10.email !== undefined){
let data11 = data10.email;
if(typeof data11 === "string"){
if(func1(data11) > 254){
const err34 = {instancePath:instancePath+"/spec/email",schemaPath:"#/properties/spec/properties/email/maxLength",keyword:"maxLength",params:{limit: 254},message:"must NOT have more than 254 characters",schema:254,parentSchema:schema204.properties.spec.properties.email,data:data11};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
if(func1(data11) < 3){
const err35 = {instancePath:instancePath+"/spec/email",schemaPath:"#/properties/spec/properties/email/minLength",keyword:"minLength",params:{limit: 3},message:"must NOT have fewer than 3 characters",schema:3,parentSchema:schema204.properties.spec.properties.email,data:data11};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
if(!pattern27.test(data11)){
const err36 = {instancePath:instancePath+"/spec/email",schemaPath:"#/properties/spec/properties/email/pattern",keyword:"pattern",params:{pattern: "^[^\\s@<>()\\[\\],;:\\\\\"]+@[\\p{L}\\p{N}]([\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?(\\.[\\p{L}\\p{N}]([\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?)*$"},message:"must match pattern \""+"^[^\\s@<>()\\[\\],;:\\\\\"]+@[\\p{L}\\p{N}]([\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?(\\.[\\p{L}\\p{N}]([\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?)*$"+"\"",schema:"^[^\\s@<>()\\[\\],;:\\\\\"]+@[\\p{L}\\p{N}]([\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?(\\.[\\p{L}\\p{N}]([\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?)*$",parentSchema:schema204.properties.spec.properties.email,data:data11};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
else {
const err37 = {instancePath:instancePath+"/spec/email",schemaPath:"#/properties/spec/properties/email/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema204.properties.spec.properties.email.type,parentSchema:schema204.properties.spec.properties.email,data:data11};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data10.displayName !== undefined){
let data12 = data10.displayName;
if(typeof data12 === "string"){
if(func1(data12) > 253){
const err38 = {instancePath:instancePath+"/spec/displayName",schemaPath:"#/properties/spec/properties/displayName/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema204.properties.spec.properties.displayName,data:data12};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
if(func1(data12) < 1){
const err39 = {instancePath:instancePath+"/spec/displayName",schemaPath:"#/properties/spec/properties/displayName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema204.properties.spec.properties.displayName,data:data12};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
else {
const err40 = {instancePath:instancePath+"/spec/displayName",schemaPath:"#/properties/spec/properties/displayName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema204.properties.spec.properties.displayName.type,parentSchema:schema204.properties.spec.properties.displayName,data:data12};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
if(data10.locale !== undefined){
let data13 = data10.locale;
if(typeof data13 === "string"){
if(func1(data13) > 64){
const err41 = {instancePath:instancePath+"/spec/locale",schemaPath:"#/properties/spec/properties/locale/maxLength",keyword:"maxLength",params:{limit: 64},message:"must NOT have more than 64 characters",schema:64,parentSchema:schema204.properties.spec.properties.locale,data:data13};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
if(func1(data13) < 1){
const err42 = {instancePath:instancePath+"/spec/locale",schemaPath:"#/properties/spec/properties/locale/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema204.properties.spec.properties.locale,data:data13};
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
const err43 = {instancePath:instancePath+"/spec/locale",schemaPath:"#/properties/spec/properties/locale/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema204.properties.spec.properties.locale.type,parentSchema:schema204.properties.spec.properties.locale,data:data13};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
if(data10.timezone !== undefined){
let data14 = data10.timezone;
if(typeof data14 === "string"){
if(func1(data14) > 64){
const err44 = {instancePath:instancePath+"/spec/timezone",schemaPath:"#/properties/spec/properties/timezone/maxLength",keyword:"maxLength",params:{limit: 64},message:"must NOT have more than 64 characters",schema:64,parentSchema:schema204.properties.spec.properties.timezone,data:data14};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
if(func1(data14) < 1){
const err45 = {instancePath:instancePath+"/spec/timezone",schemaPath:"#/properties/spec/properties/timezone/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema204.properties.spec.properties.timezone,data:data14};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
else {
const err46 = {instancePath:instancePath+"/spec/timezone",schemaPath:"#/properties/spec/properties/timezone/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema204.properties.spec.properties.timezone.type,parentSchema:schema204.properties.spec.properties.timezone,data:data14};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
if(data10.role !== undefined){
let data15 = data10.role;
if(!(((data15 === "admin") || (data15 === "member")) || (data15 === "customer"))){
const err47 = {instancePath:instancePath+"/spec/role",schemaPath:"#/properties/spec/properties/role/enum",keyword:"enum",params:{allowedValues: schema204.properties.spec.properties.role.enum},message:"must be equal to one of the allowed values",schema:schema204.properties.spec.properties.role.enum,parentSchema:schema204.properties.spec.properties.role,data:data15};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data10.services !== undefined){
let data16 = data10.services;
if(Array.isArray(data16)){
if(data16.length > 1000){
const err48 = {instancePath:instancePath+"/spec/services",schemaPath:"#/properties/spec/properties/services/maxItems",keyword:"maxItems",params:{limit: 1000},message:"must NOT have more than 1000 items",schema:1000,parentSchema:schema204.properties.spec.properties.services,data:data16};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
const len0 = data16.length;
for(let i0=0; i0<len0; i0++){
let data17 = data16[i0];
if(typeof data17 === "string"){
if(func1(data17) > 253){
const err49 = {instancePath:instancePath+"/spec/services/" + i0,schemaPath:"#/properties/spec/properties/services/items/maxLength",keyword:"maxLength",params:{limit: 253},message:"must NOT have more than 253 characters",schema:253,parentSchema:schema204.properties.spec.properties.services.items,data:data17};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
if(func1(data17) < 1){
const err50 = {instancePath:instancePath+"/spec/services/" + i0,schemaPath:"#/properties/spec/properties/services/items/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema204.properties.spec.properties.services.items,data:data17};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
else {
const err51 = {instancePath:instancePath+"/spec/services/" + i0,schemaPath:"#/properties/spec/properties/services/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema204.properties.spec.properties.services.items.type,parentSchema:schema204.properties.spec.properties.services.items,data:data17};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
let i1 = data16.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data16[i1];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err52 = {instancePath:instancePath+"/spec/services",schemaPath:"#/properties/spec/properties/services/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0},message:"must NOT have duplicate items (items ## "+j0+" and "+i1+" are identical)",schema:true,parentSchema:schema204.properties.spec.properties.services,data:data16};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
break;
}
indices0[item0] = i1;
}
}
}
else {
const err53 = {instancePath:instancePath+"/spec/services",schemaPath:"#/properties/spec/properties/services/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema204.properties.spec.properties.services.type,parentSchema:schema204.properties.spec.properties.services,data:data16};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
if(data10.namespaces !== undefined){
let data18 = data10.namespaces;
if(Array.isArray(data18)){
if(data18.length > 1000){
const err54 = {instancePath:instancePath+"/spec/namespaces",schemaPath:"#/properties/spec/properties/namespaces/maxItems",keyword:"maxItems",params:{limit: 1000},message:"must NOT have more than 1000 items",schema:1000,parentSchema:schema204.properties.spec.properties.namespaces,data:data18};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
const len1 = data18.length;
for(let i2=0; i2<len1; i2++){
let data19 = data18[i2];
if(typeof data19 === "string"){
if(func1(data19) > 63){
const err55 = {instancePath:instancePath+"/spec/namespaces/" + i2,schemaPath:"common.schema.json#/$defs/namespaceName/maxLength",keyword:"maxLength",params:{limit: 63},message:"must NOT have more than 63 characters",schema:63,parentSchema:schema80,data:data19};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
if(func1(data19) < 1){
const err56 = {instancePath:instancePath+"/spec/namespaces/" + i2,schemaPath:"common.schema.json#/$defs/namespaceName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema80,data:data19};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
if(!pattern8.test(data19)){
const err57 = {instancePath:instancePath+"/spec/namespaces/" + i2,schemaPath:"common.schema.json#/$defs/namespaceName/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"},message:"must match pattern \""+"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"+"\"",schema:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",parentSchema:schema80,data:data19};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
else {
const err58 = {instancePath:instancePath+"/spec/namespaces/" + i2,schemaPath:"common.schema.json#/$defs/namespaceName/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema80.type,parentSchema:schema80,data:data19};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
let i3 = data18.length;
let j1;
if(i3 > 1){
outer0:
for(;i3--;){
for(j1 = i3; j1--;){
if(func0(data18[i3], data18[j1])){
const err59 = {instancePath:instancePath+"/spec/namespaces",schemaPath:"#/properties/spec/properties/namespaces/uniqueItems",keyword:"uniqueItems",params:{i: i3, j: j1},message:"must NOT have duplicate items (items ## "+j1+" and "+i3+" are identical)",schema:true,parentSchema:schema204.properties.spec.properties.namespaces,data:data18};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
break outer0;
}
}
}
}
}
else {
const err60 = {instancePath:instancePath+"/spec/namespaces",schemaPath:"#/properties/spec/properties/namespaces/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema204.properties.spec.properties.namespaces.type,parentSchema:schema204.properties.spec.properties.namespaces,data:data18};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
}
else {
const err61 = {instancePath:instancePath+"/spec",schemaPath:"#/properties/spec/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema204.properties.spec.type,parentSchema:schema204.properties.spec,data:data10};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
}
else {
const err62 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema204.type,parentSchema:schema204,data};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
validate68.errors = vErrors;
return errors === 0;
}
validate68.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


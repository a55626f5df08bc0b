// Written by `akamai edgekv` when a token is made: the name and form of this file are the platform's.
var edgekv_access_tokens = {};

export { edgekv_access_tokens };

const https = require("https");

// ruleid: js-tls-verified
const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
// ruleid: js-tls-verified
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
// ok: js-tls-verified
const checked = new https.Agent({ ca: readFileSync("ca.pem"), rejectUnauthorized: true });

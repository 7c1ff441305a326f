// The same in Express, as Twilio's documentation has it: the official middleware, and nats.js.
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import express from "express";
import twilio from "twilio";

const path = "/webhooks/twilio/sms/incoming";
const { user, pass, server } = address(process.env.NATS_URL);
const js = jetstream(await connect({ servers: server, user, pass }));
const app = express();

app.post(
  path,
  express.urlencoded({ extended: false }),
  twilio.webhook(process.env.TWILIO_AUTH_TOKEN, { url: process.env.WEBHOOK_BASE_URL + path }),
  async (request, response) => {
    const { MessageSid: id, From: from, To: to, Body: message } = request.body;
    await js.publish("events.sms.received", JSON.stringify({ id, from, to, message }), { msgID: id });
    response.type("text/xml").send("<Response/>");
  },
);
app.listen(Number(process.env.GATEWAY_PORT), "127.0.0.1");

function address(text) {
  const url = new URL(text);
  return { user: url.username, pass: url.password, server: url.host };
}

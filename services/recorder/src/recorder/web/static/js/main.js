// Everything the page does by script. Without it the page works too, only not live.
import { drawCharts } from "./charts.js";
import { sendQuietly } from "./forms.js";
import { shortcuts } from "./keys.js";
import { goLive } from "./live.js";
import { follow } from "./player.js";
import { readFromTheEnd } from "./thread.js";
import { afterEach } from "./view.js";

shortcuts();
sendQuietly();
follow();
afterEach(drawCharts);
readFromTheEnd();
goLive();

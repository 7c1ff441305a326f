// The transcript follows the sound, and a click on a sentence plays it.

export function follow() {
  document.addEventListener("click", play);
  for (const moment of ["timeupdate", "seeked", "ended"]) document.addEventListener(moment, light, true); // they do not bubble
}

function play(event) {
  const link = event.target.closest(".transcript a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const audio = link.closest(".recording").querySelector("audio");
  const start = Number(link.closest("li").dataset.start);
  const seek = () => {
    audio.currentTime = start;
    audio.play();
  };
  if (audio.readyState >= HTMLMediaElement.HAVE_METADATA) seek();
  else {
    audio.addEventListener("loadedmetadata", seek, { once: true });
    audio.load();
  }
}

function light(event) {
  const audio = event.target;
  const transcript = audio.closest?.(".recording")?.querySelector(".transcript");
  if (!transcript) return;
  const now = audio.ended ? -1 : audio.currentTime;
  for (const segment of transcript.children) {
    const playing = Number(segment.dataset.start) <= now && now < Number(segment.dataset.end);
    if (playing && !segment.classList.contains("playing")) show(transcript, segment);
    segment.classList.toggle("playing", playing);
    if (playing) segment.setAttribute("aria-current", "true");
    else segment.removeAttribute("aria-current");
  }
}

function show(transcript, segment) {
  const above = segment.offsetTop - transcript.offsetTop;
  if (above < transcript.scrollTop || above + segment.offsetHeight > transcript.scrollTop + transcript.clientHeight) {
    transcript.scrollTop = above - transcript.clientHeight / 3;
  }
}

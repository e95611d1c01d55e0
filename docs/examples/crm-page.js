"use strict";

const frame = document.getElementById("ciam-console");
const consoleOrigin = frame.dataset.console;

// The page of the console that this page's own address asks for, if it does.
let wanted = new URLSearchParams(location.search).get("page");

// Says something to the console. The second argument keeps it from everybody else who might be in the frame.
function say(message) {
  frame.contentWindow.postMessage(message, consoleOrigin);
}

// Has the CRM's server sign a new launch for whoever is signed in here, and hands it on.
async function launchAgain() {
  const answer = await fetch(frame.dataset.launches, { method: "POST" });
  if (answer.ok) say({ ciam: "launch", token: await answer.text() });
}

// Keeps the console's page in this page's address, so that it can be bookmarked, reloaded and sent to others.
function remember(message) {
  if (wanted !== null && wanted !== message.path) say({ ciam: "navigate", path: wanted });
  wanted = null;
  const address = new URL(location.href);
  address.searchParams.set("page", message.path);
  history.replaceState(null, "", address);
  document.title = `${message.title} · IC CRM`;
}

window.addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow || event.origin !== consoleOrigin) return;
  const message = event.data;
  switch (message.ciam) {
    case "page":
      return remember(message);
    case "height":
      frame.style.height = `${message.height}px`;
      return;
    case "session-ending":
    case "session-over":
      return launchAgain();
    case "unsaved":
      if (confirm("What you typed is not saved yet. Leave the page?")) {
        say({ ciam: "navigate", path: message.path, discard: true });
      }
      return;
  }
});

// Links of the CRM that lead into the console.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-console-page]");
  if (link !== null) say({ ciam: "navigate", path: link.dataset.consolePage });
});

// The colours follow the CRM's.
document.getElementById("theme")?.addEventListener("change", (event) => {
  say({ ciam: "theme", theme: event.target.value });
});

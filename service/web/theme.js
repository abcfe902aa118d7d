// Light or dark, before anything is drawn, which is why this is no module. Without a choice the system decides.
try {
  document.documentElement.dataset.theme = JSON.parse(localStorage.getItem("nmt.theme")) ?? "";
} catch {
  document.documentElement.dataset.theme = "";
}

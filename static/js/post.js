// Sends the one form of a page that only stands between Foyer and a tool.
document.getElementById("message").submit();

import * as vscode from 'vscode';

/**
 * The page of a view: our own script and style and nothing else; images only as data of a cell.
 *
 * @param bundle its name in `dist`
 */
export function viewHtml(webview: vscode.Webview, extension: vscode.Uri, bundle = 'table-view'): string {
  const nonce = crypto.randomUUID();
  const resource = (file: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist', file)).toString();
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource}; img-src data:`;
  return `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${resource(`${bundle}.css`)}">
</head>
<body data-vscode-context='{"preventDefaultContextMenuItems": true}'>
<script nonce="${nonce}" src="${resource(`${bundle}.js`)}"></script>
</body>
</html>`;
}

/** What the page may load, and that it may run its script. */
export function viewOptions(extension: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extension, 'dist')] };
}

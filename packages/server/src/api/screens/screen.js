// Shows the screen of the machine that the address names: noVNC over the WebSocket beside this page.
import RFB from './novnc/core/rfb.js';

const byId = (id) => document.getElementById(id);
const [status, keys, again, main] = ['status', 'keys', 'again', 'screen'].map(byId);
const node = location.pathname.replace(/\/$/, '').split('/').at(-1);
document.title = `Console of ${node}`;

/** Says how it is; a reason that came first stays. */
function tell(text) {
  status.textContent = text;
}

function connect() {
  const token = location.hash.slice(1);
  let reason = '';
  again.hidden = true;
  tell('Connecting ...');
  const address = new URL(`${node}/socket`, location.href.replace(/[?#].*$/, '').replace(/\/$/, ''));
  address.protocol = address.protocol.replace('http', 'ws');
  const viewer = new RFB(main, address.href, { wsProtocols: ['binary', `token.${token}`] });
  viewer.scaleViewport = true;
  keys.onclick = () => {
    viewer.sendCtrlAltDel();
    viewer.focus();
  };
  viewer.addEventListener('connect', () => {
    keys.disabled = false;
    tell(`Node ${node}`);
    viewer.focus();
  });
  viewer.addEventListener('securityfailure', ({ detail }) => {
    reason = detail.reason ?? '';
  });
  viewer.addEventListener('desktopname', ({ detail }) => {
    document.title = `${detail.name} - console of ${node}`;
  });
  viewer.addEventListener('disconnect', ({ detail }) => {
    keys.disabled = true;
    again.hidden = false;
    tell(reason || (detail.clean ? 'The console was closed.' : 'The connection broke.'));
  });
}

again.onclick = connect;
connect();

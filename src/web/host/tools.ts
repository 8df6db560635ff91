/** The tools in a browser. Those that it does not have are not offered, but whoever knows their names can still call them. */
import { desktopTools } from '../../shell/contributions';
import type { Disposable } from '../../shell/disposable-store';
import type { ViewServices } from '../../shell/services';
import { register } from '../../shell/tools/register';
import type { Tool } from '../../shell/tools/tool';
import { viewTools } from '../../shell/tools/view-tools';
import { refuse } from './commands';

const refused: Tool = { prepare: refuse, invoke: refuse };

export function registerWebTools(services: ViewServices): Disposable {
  return register<ViewServices>(
    { ...Object.fromEntries(desktopTools.map((id) => [id, refused])), ...viewTools },
    services,
  );
}

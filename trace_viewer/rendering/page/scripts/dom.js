// SPDX-License-Identifier: Apache-2.0
// What every page uses.

const byId = (id) => document.getElementById(id);

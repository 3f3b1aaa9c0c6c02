/** The images of users, where the server has users. */

import { get } from "./api.js";
import { address } from "./base.js";
import { setUsers } from "./people.js";
import { loggedIn } from "./session.js";

const images = new Map();

/** Where a user's image is; undefined where they are shown by their initials. */
export const imageOf = (name) => images.get(name);

/** Ask the server for the users that one may see. */
export const loadProfiles = async () => {
  if (!loggedIn()) return;
  try {
    const users = await get("/api/users");
    setUsers(users);
    images.clear();
    for (const { name, avatar } of users) if (avatar) images.set(name, address(avatar).href);
    dispatchEvent(new Event("session")); // what is known of users has changed
  } catch {
    // initials do as well
  }
};

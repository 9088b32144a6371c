// Where the screens of machines are, for the routes and for whoever lets everybody ask for them.

export const SCREENS_PATH = '/wrought/screens';

/** What rooms are called that were filled before the run. */
export const stockLabel = (room: number): string => `stock-${room}`

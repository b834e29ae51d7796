const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/;

/** Whether a text is a timestamp that the API accepts: date, time and zone. */
export const isMoment = (text: string): boolean => pattern.test(text) && !Number.isNaN(Date.parse(text));

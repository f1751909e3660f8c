/** Headers that decide where a request goes, how long it is or whose it looks. */
const REFUSED =
  /^(?:host|cookie2?|content-.*|transfer-encoding|te|trailer|connection|keep-alive|upgrade|expect|via|proxy-.*|forwarded|x-forwarded-.*|sec-.*)$/i
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/i
const VALUE = /^[\t\x20-\x7e\x80-\xff]{0,8192}$/

/** Whether requests to elsewhere may have a header of this name by the wish of people, documents or settings. */
export const isHeaderName = (name: string): boolean => NAME.test(name) && !REFUSED.test(name)

/** Whether a header can have this value: nothing in it ends the header or is no byte. */
export const isHeaderValue = (value: string): boolean => VALUE.test(value)
